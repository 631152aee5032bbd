using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

public sealed class TransferAgentTests
{
    private AgentLab lab = null!;

    [SetUp]
    public async Task SetUpAsync() => lab = await AgentLab.StartAsync();

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task CoolAndRestore_SmallProject_AreProvedByContent()
    {
        string project = SampleProject(files: 5, bytes: 1000);
        IReadOnlyList<string> before = FolderListing.Of(project);

        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);
        cooled.Error.Should().BeNull();
        cooled.Copied.Should().Be(new DataSize(5, 5000)).And.Be(cooled.Total);
        cooled.FilesHashed.Should().Be(5);
        cooled.AzCopyJobs.Should().ContainSingle();

        Directory.Delete(project, recursive: true);
        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);
        restored.Error.Should().BeNull();
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Restore_ManifestOfTheFirstFormat_IsItsWitnessByItsOwnRoot()
    {
        string project = SampleProject(files: 2, bytes: 10);
        File.SetUnixFileMode(project, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead);
        IReadOnlyList<string> before = FolderListing.Of(project);
        (await lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        KeptManifest kept = (await lab.Manifests.LatestAsync(ProjectSlug.Parse("demo"), OperationType.Cool, default))!;
        using TempFolder temp = new();
        await lab.Manifests.CopyToAsync(kept, temp.At("new"), default);
        ManifestHeader header = await ManifestReader.ReadHeaderAsync(temp.At("new"), default);
        header.Root.Should().NotBeNull();
        string root;
        await using (ManifestWriter old = ManifestWriter.Create(temp.At("old"), header with { Version = ManifestHeader.OldestVersion }))
        {
            await foreach (InventoryEntry entry in ManifestReader.ReadAsync(temp.At("new"), default))
                await old.WriteAsync(entry, default);
            root = (await old.CompleteAsync(default)).Root;
        }
        (await ManifestReader.VerifyAsync(temp.At("new"), default)).Root.Should().NotBe(root);
        await lab.Manifests.KeepAsync(kept.Project, header.Operation, temp.At("old"), proved: true, default);

        Directory.Delete(project, recursive: true);
        TransferVerdict restored = await lab.RunAsync("demo", OperationType.Restore);

        restored.Error.Should().BeNull();
        restored.Evidence!.WitnessRoot.Should().Be(root);
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Cool_ProjectsOwnFolderChangedMeanwhile_Fails()
    {
        string project = SampleProject(files: 3, bytes: 1000);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        HeldRequests held = await CopyingAsync(key);
        File.SetUnixFileMode(project, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        held.Dispose();
        TransferVerdict verdict = await lab.VerdictAsync(key);
        verdict.Error!.Code.Should().Be("source-changed");
        verdict.Error.Message.Should().Contain("mode 0700");
    }

    [Test]
    public async Task Cool_EmptyProject_SucceedsWithZeros()
    {
        Directory.CreateDirectory(lab.Hot("demo"));
        TransferVerdict cooled = await lab.RunAsync("demo", OperationType.Cool);
        cooled.Error.Should().BeNull();
        cooled.Copied.Should().Be(default(DataSize));
        (await lab.RunAsync("demo", OperationType.Restore)).Error.Should().BeNull();
    }

    [Test]
    public async Task Cool_AgentAndAzCopyKilledInTheCopy_NextAttemptResumesAsTheOnlyWriter()
    {
        SampleProject(files: 3, bytes: 1_000_000);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        HeldRequests held = await CopyingAsync(key);
        await lab.StopAsync(key);
        held.Dispose();
        AzCopyOrphans.Find(lab.Folders.PathOf(key.InstanceId)).Should().BeEmpty();

        await lab.StartAgentAsync(key, attempt: 2);
        TransferVerdict verdict = await lab.VerdictAsync(key);

        verdict.Error.Should().BeNull();
        verdict.Attempt.Should().Be(2);
        verdict.Copied.Should().Be(new DataSize(3, 3_000_000));
    }

    [Test]
    public async Task Agent_OfAnEarlierAttempt_DoesNothing()
    {
        SampleProject(files: 1, bytes: 10);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        await lab.StartAgentAsync(key, attempt: 3);
        TransferVerdict verdict = await lab.VerdictAsync(key);
        await lab.StartAgentAsync(key, attempt: 2);
        await lab.UntilAsync(key, view => new MarkedProcesses(LocalJobHost.Marker, lab.Folders.PathOf(key.InstanceId)).Find().Count == 0);
        (await lab.Folders.ReadAsync(key.InstanceId, default)).Verdict.Should().BeEquivalentTo(verdict);
    }

    [Test]
    public async Task Cool_CancelRequested_EndsAzCopyAndSaysSo()
    {
        SampleProject(files: 3, bytes: 1000);
        OperationKey key = await lab.PrepareAsync("demo", OperationType.Cool);
        await CopyingAsync(key);
        await lab.Folders.RequestCancelAsync(key.InstanceId, default);
        (await lab.VerdictAsync(key)).Error!.Code.Should().Be("cancelled");
        AzCopyOrphans.Find(lab.Folders.PathOf(key.InstanceId)).Should().BeEmpty();
    }

    [Test]
    public async Task Cool_SourceMissing_TouchesNothing()
    {
        TransferVerdict verdict = await lab.RunAsync("absent", OperationType.Cool);
        verdict.Error!.Code.Should().Be("project-data-missing");
        verdict.TouchedDestination.Should().BeFalse();
    }

    /// <summary>Starts the agent and waits until its AzCopy copies, which cannot end while its writes are held.</summary>
    private async Task<HeldRequests> CopyingAsync(OperationKey key)
    {
        HeldRequests held = lab.Faults.HoldWrites("cool/demo/file*");
        await lab.StartAgentAsync(key, attempt: 1);
        await held.ArriveAsync();
        await lab.UntilAsync(key, view => view.Progress is { Phase: TransferPhase.Copy, AzCopyJobs.Count: 1 });
        return held;
    }

    private string SampleProject(int files, int bytes)
    {
        string project = Directory.CreateDirectory(lab.Hot("demo")).FullName;
        Random random = new(7);
        for (int i = 0; i < files; i++)
        {
            byte[] content = new byte[bytes];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(project, $"file {i}.bin"), content);
        }
        Directory.CreateDirectory(Path.Combine(project, "empty"));
        return project;
    }
}
