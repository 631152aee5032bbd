using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Contracts;

/// <summary>What every pair of <see cref="IJobFolders"/> and <see cref="IJobFolder"/> must do; one subclass per adapter supplies both.</summary>
public abstract class JobFolderContract
{
    private int jobs;

    protected TempFolder Temp { get; private set; } = null!;

    protected FileManifestStore Manifests { get; private set; } = null!;

    protected abstract IJobFolders Folders { get; }

    /// <summary>A fresh name of a job.</summary>
    protected string NewJob => $"0123456789abcdef-cool-{++jobs}-{Guid.NewGuid():N}";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Temp = new TempFolder();
        Manifests = new FileManifestStore(Temp.Folder("manifests"));
        await StartAdapterAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await StopAdapterAsync();
        Temp.Dispose();
    }

    [Test]
    public async Task Read_NothingThere_IsEmpty()
    {
        string job = NewJob;

        (await Folders.ReadAsync(job, default)).Should().Be(new JobView(null, null, false, 0, null));
        (await Folders.IsCancelRequestedAsync(job, default)).Should().BeFalse();
        (await Folders.FetchManifestAsync(job, default)).Should().BeNull();
        (await Folders.FetchLeftAsync(job, default)).Should().BeNull();
        await Folders.CloseAsync(job, default);
    }

    [Test]
    public async Task Prepare_Twice_KeepsTheJobAndRenewsTheAccess()
    {
        string job = NewJob;
        DateTimeOffset soon = DateTimeOffset.UnixEpoch.AddYears(60), later = soon.AddHours(1);
        await Folders.PrepareAsync(job, Inputs(soon, files: 1), default);
        await Folders.PrepareAsync(job, Inputs(later, files: 2), default);

        IJobFolder folder = Open(job);
        (await folder.ReadAsync<TransferJob>(JobFiles.Job, default))!.Expected.Should().Be(new DataSize(1, 10));
        (await folder.ReadAsync<TransferAccess>(JobFiles.Access, default))!.Source.OwnSas.Should().Be("sas-2");
        (await Folders.ReadAsync(job, default)).AccessExpiresAt.Should().Be(later);
    }

    [Test]
    public async Task Prepare_ByServicesWithOtherLimits_KeepsThoseOfTheOneStartedLast()
    {
        string job = NewJob;
        DateTimeOffset noon = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
        JobLimits first = new("8", TimeZone: null) { Since = noon };
        JobLimits second = new("none", TimeZone: null) { Since = noon.AddMinutes(1) };
        foreach (JobLimits limits in (JobLimits[])[first, second, first, second with { Since = noon.AddMinutes(2) }, first])
            await Folders.PrepareAsync(job, Inputs(null, files: 1) with { Limits = limits }, default);

        (await Folders.ReadAsync(job, default)).Limits.Should().Be(second, "however often the other prepares the job");

        JobLimits again = first with { Since = noon.AddMinutes(3) };
        await Folders.PrepareAsync(job, Inputs(null, files: 1) with { Limits = again }, default);
        (await Folders.ReadAsync(job, default)).Limits.Should().Be(again, "it was started again");
    }

    [Test]
    public async Task Prepare_WithManifests_GivesThemToTheAgent()
    {
        string job = NewJob;
        ProjectSlug slug = ProjectSlug.Parse("demo");
        string file = await ManifestAsync(slug, "a.txt");
        KeptManifest kept = await Manifests.KeepAsync(slug, operation: null, file, proved: true, default);
        await Folders.PrepareAsync(job, Inputs(null, files: 1) with { Witness = kept, Known = [kept] }, default);

        IJobFolder folder = Open(job);
        foreach (string name in (string[])[JobFiles.Witness, JobInputs.FileOf(kept)])
        {
            string path = (await folder.FetchAsync(name, default))!;
            (await ManifestReader.VerifyAsync(path, default)).Size.Files.Should().Be(1);
        }
        (await folder.FetchAsync("known-none.jsonl.gz", default)).Should().BeNull();
    }

    [Test]
    public async Task Lease_Held_KeepsOthersOutUntilItIsGivenBack()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder first = Open(job), second = Open(job);

        IJobLease held = (await first.TryAcquireLeaseAsync(default))!;
        (await second.TryAcquireLeaseAsync(default)).Should().BeNull();
        (await Folders.ReadAsync(job, default)).LeaseHeld.Should().BeTrue();
        held.Lost.IsCancellationRequested.Should().BeFalse();

        await held.DisposeAsync();
        (await Folders.ReadAsync(job, default)).LeaseHeld.Should().BeFalse();
        await using IJobLease again = (await second.TryAcquireLeaseAsync(default))!;
        again.Should().NotBeNull();
    }

    [Test]
    public async Task Lease_TakenByManyAtOnce_IsHeldByOne()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);

        IJobLease?[] leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(job).TryAcquireLeaseAsync(default))));

        leases.Count(lease => lease is not null).Should().Be(1);
        await leases.Single(lease => lease is not null)!.DisposeAsync();
    }

    [Test]
    public async Task Write_ByTheAgent_IsSeenByTheService()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder folder = Open(job);
        await using IJobLease lease = (await folder.TryAcquireLeaseAsync(default))!;
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        TransferProgress progress = new(3, TransferPhase.Copy, now, now) { Percent = 12 };
        TransferVerdict verdict = new(3, now) { Total = new DataSize(1, 10) };

        await folder.WriteAsync(JobFiles.Agent, AgentRecord.Of(3), durable: true, default);
        for (int percent = 0; percent <= 12; percent++)
            await folder.WriteAsync(JobFiles.Progress, progress with { Percent = percent }, durable: false, default);
        await folder.WriteAsync(JobFiles.Verdict, verdict, durable: true, default);

        JobView view = await Folders.ReadAsync(job, default);
        view.Progress!.Percent.Should().Be(12);
        view.Verdict!.Total.Should().Be(new DataSize(1, 10));
        (view.Attempt, view.LeaseHeld).Should().Be((3, true));
        (await folder.ReadAsync<TransferVerdict>(JobFiles.Verdict, default))!.Attempt.Should().Be(3);
    }

    [Test]
    public async Task Conclude_WithoutAVerdict_GivesOneThatALateAgentSees()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        TransferVerdict lost = new(2, DateTimeOffset.UnixEpoch) { Error = new OperationError("agent-lost", "The agent was lost."), AzCopyJobs = ["a"] };

        (await Folders.ConcludeAsync(job, lost, default)).Should().BeEquivalentTo(lost);

        (await Folders.ReadAsync(job, default)).Verdict.Should().BeEquivalentTo(lost);
        (await Open(job).ReadAsync<TransferVerdict>(JobFiles.Verdict, default)).Should().BeEquivalentTo(lost);
        (await Folders.ConcludeAsync(job, lost with { Attempt = 3 }, default)).Should().BeEquivalentTo(lost, "the first one stays");
    }

    [Test]
    public async Task Conclude_OfAnAgentsVerdict_LeavesIt()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        TransferVerdict verdict = new(1, DateTimeOffset.UnixEpoch) { Total = new DataSize(1, 10) };
        IJobFolder folder = Open(job);
        await using IJobLease lease = (await folder.TryAcquireLeaseAsync(default))!;
        await folder.WriteAsync(JobFiles.Verdict, verdict, durable: true, default);

        (await Folders.ConcludeAsync(job, new TransferVerdict(2, DateTimeOffset.UnixEpoch), default)).Should().BeEquivalentTo(verdict);
    }

    [Test]
    public async Task FindAzCopyJobs_TellsThoseOfTheCheckpoint()
    {
        string job = NewJob;
        (await Folders.FindAzCopyJobsAsync(job, default)).Should().BeEmpty();
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder folder = Open(job);
        await using IJobLease lease = (await folder.TryAcquireLeaseAsync(default))!;
        await folder.WriteAsync(AgentCheckpoint.FileName, new AgentCheckpoint { AzCopyJobs = ["a", "b"] }, durable: true, default);

        (await Folders.FindAzCopyJobsAsync(job, default)).Should().Equal("a", "b");
    }

    [Test]
    public async Task List_ByTime_HasWhatWasThereBefore()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);

        (await ListAsync(DateTimeOffset.UtcNow.AddHours(1))).Should().ContainSingle(name => name == job);
        (await ListAsync(DateTimeOffset.UtcNow.AddHours(-1))).Should().NotContain(job);
    }

    [Test]
    public async Task ReadText_SmallFile_IsGivenAndNoOther()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        await Open(job).WriteAsync(JobFiles.Summary, new string('x', (int)IJobFolders.LongestText), durable: true, default);

        (await Folders.ReadTextAsync(job, JobFiles.Job, default)).Should().Contain("\"expected\"");
        (await Folders.ReadTextAsync(job, JobFiles.Verdict, default)).Should().BeNull();
        (await Folders.ReadTextAsync(job, JobFiles.Summary, default)).Should().BeNull("it is too long");
    }

    [Test]
    public async Task Remove_Folder_LeavesNothingOfItAndAllOfOthers()
    {
        string job = NewJob, other = job + "x";
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        await Folders.RequestCancelAsync(job, default);
        await Folders.PrepareAsync(other, Inputs(null, files: 1), default);

        await Folders.RemoveAsync(job, default);
        await Folders.RemoveAsync(job, default);

        (await ListAsync(DateTimeOffset.UtcNow.AddHours(1))).Should().Contain(other).And.NotContain(job);
        (await Folders.IsCancelRequestedAsync(job, default)).Should().BeFalse();
        (await Folders.ReadTextAsync(other, JobFiles.Job, default)).Should().NotBeNull();
    }

    [Test]
    public async Task Write_FromManySidesOfOneAgent_LosesNothing()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder folder = Open(job);
        await using IJobLease lease = (await folder.TryAcquireLeaseAsync(default))!;
        DateTimeOffset now = DateTimeOffset.UnixEpoch;

        await Task.WhenAll(Enumerable.Range(1, 20).Select(percent => Task.Run(() =>
            folder.WriteAsync(JobFiles.Progress, new TransferProgress(1, TransferPhase.Copy, now, now) { Percent = percent }, durable: false, default))));

        (await folder.ReadAsync<TransferProgress>(JobFiles.Progress, default))!.Percent.Should().BeInRange(1, 20);
        lease.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    public async Task Publish_AManifest_IsFetchedAsItWas()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        IJobFolder folder = Open(job);
        foreach (string name in (string[])[JobFiles.Manifest, JobFiles.Left])
        {
            byte[] content = new byte[100_000];
            Random.Shared.NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(folder.LocalPath, name), content);
            await folder.PublishAsync(name, default);

            string? path = name == JobFiles.Manifest ? await Folders.FetchManifestAsync(job, default) : await Folders.FetchLeftAsync(job, default);
            (await File.ReadAllBytesAsync(path!)).Should().Equal(content);
            (await File.ReadAllBytesAsync((await folder.FetchAsync(name, default))!)).Should().Equal(content);
        }
    }

    [Test]
    public async Task Cancel_BeforeAnyAgent_IsFoundByIt()
    {
        string job = NewJob;
        await Folders.RequestCancelAsync(job, default);
        await Folders.RequestCancelAsync(job, default);
        (await Folders.IsCancelRequestedAsync(job, default)).Should().BeTrue();

        await Folders.PrepareAsync(job, Inputs(null, files: 1), default);
        (await Open(job).IsCancelRequestedAsync(default)).Should().BeTrue();
    }

    [Test]
    public async Task Close_EndedJob_LeavesNoSecret()
    {
        string job = NewJob;
        await Folders.PrepareAsync(job, Inputs(DateTimeOffset.UnixEpoch.AddYears(60), files: 1), default);

        await Folders.CloseAsync(job, default);
        await Folders.CloseAsync(job, default);

        (await Open(job).ReadAsync<TransferAccess>(JobFiles.Access, default)).Should().BeNull();
        (await Folders.ReadAsync(job, default)).AccessExpiresAt.Should().BeNull();
        (await Open(job).ReadAsync<TransferJob>(JobFiles.Job, default)).Should().NotBeNull();
    }

    /// <summary>The agent's side of a job, as another agent opens it.</summary>
    protected abstract IJobFolder Open(string job);

    protected virtual Task StartAdapterAsync() => Task.CompletedTask;

    protected virtual Task StopAdapterAsync() => Task.CompletedTask;

    protected static JobInputs Inputs(DateTimeOffset? expires, int files)
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Empty);
        TransferJob job = new(key, new Location(LocationKind.Folder, "/hot/demo", "/hot"), new Location(LocationKind.Folder, "/cool/demo", "/cool"))
        {
            Expected = new DataSize(files, files * 10),
        };
        LocationAccess access = new() { OwnSas = $"sas-{files}", ExpiresAt = expires };
        return new JobInputs(job, new TransferAccess(access, LocationAccess.None), Witness: null, Known: []);
    }

    private async Task<string> ManifestAsync(ProjectSlug slug, params string[] paths)
    {
        string file = Temp.At($"{Guid.NewGuid():N}.jsonl.gz");
        await using ManifestWriter writer = ManifestWriter.Create(file, new ManifestHeader(slug, null, LocationKind.Folder, DateTimeOffset.UnixEpoch));
        foreach (string path in paths)
            await writer.WriteAsync(new Core.Transfers.Inventories.InventoryEntry(path, Core.Transfers.Inventories.EntryKind.File, 10), default);
        await writer.CompleteAsync(default);
        return file;
    }

    private async Task<List<string>> ListAsync(DateTimeOffset before)
    {
        List<string> found = [];
        await foreach (string job in Folders.ListAsync(before, default))
            found.Add(job);
        return found;
    }
}
