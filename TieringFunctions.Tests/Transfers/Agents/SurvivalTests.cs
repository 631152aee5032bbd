using System.Diagnostics;
using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>What happens to AzCopy and to its machine, with the real AzCopy: each ends in a resume, in a new start, or FAILED with the reason.</summary>
public sealed class SurvivalTests
{
    private const int LargeBytes = 24_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private AzuriteServer azurite = null!;
    private LocalLab lab = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await azurite.DisposeAsync();

    [SetUp]
    public void SetUp() => lab = new LocalLab(azurite);

    [TearDown]
    public async Task TearDownAsync() => await lab.DisposeAsync();

    [Test]
    public async Task AzCopyKilled_IsResumedByTheSameAgent()
    {
        WriteLarge("killed");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await lab.PrepareAsync("killed", OperationType.Cool);
        Task<TransferVerdict> attempt = lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await KillAzCopyAsync(key);
        held.Dispose();

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle("the job that was killed is resumed");
        lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task MachineRebooted_PlanThere_IsResumedByTheNextAttempt()
    {
        OperationKey key = await LoseAgentAsync("rebooted");

        TransferVerdict verdict = await lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle();
        lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task MachineLost_PlanLost_StartsAnew()
    {
        OperationKey key = await LoseAgentAsync("lost");
        Directory.Delete(Plans(key), recursive: true);

        TransferVerdict verdict = await lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
    }

    [Test]
    public async Task JobsShowBeforeThePlanExists_StartsAnew()
    {
        lab.WriteProject("scanning");
        lab.Lie("[copy 1]\ninit\ndie"); // killed in its scan; what is asked of its plan, the real AzCopy answers

        TransferVerdict verdict = await lab.RunAsync("scanning", OperationType.Cool);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
    }

    [TestCase(100)]
    [TestCase(0)]
    public async Task PlanCutShort_StartsAnew(int bytes)
    {
        OperationKey key = await LoseAgentAsync($"corrupt{bytes}");
        foreach (string plan in Directory.GetFiles(Plans(key), "*.steV*"))
        {
            await using FileStream file = File.OpenWrite(plan);
            file.SetLength(bytes);
        }

        TransferVerdict verdict = await lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        lab.Log.Lines.Should().Contain(line => line.Contains("StartAnew"));
    }

    [Test]
    public async Task PlanScribbledOver_NeverEndsInAFalseSuccess()
    {
        OperationKey key = await LoseAgentAsync("scribbled");
        Random random = new(3);
        foreach (string plan in Directory.GetFiles(Plans(key), "*.steV*"))
        {
            byte[] content = await File.ReadAllBytesAsync(plan);
            random.NextBytes(content.AsSpan(content.Length / 2));
            await File.WriteAllBytesAsync(plan, content);
        }

        TransferVerdict verdict = await lab.AttemptAsync(key, attempt: 2).WaitAsync(Limit);

        TestContext.Out.WriteLine(verdict.Error?.ToString() ?? "proved");
        if (verdict.Error is null)
            verdict.Copied.Should().Be(verdict.Total);
        else
            (await lab.RunAsync("scribbled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task EndpointFallsSilentInTheCopy_FailsWithTheReasonAndLeavesNoAzCopy()
    {
        HeldRequests held = await HoldLargeAsync();
        await using SilentProxy proxy = new(lab.BlobEndpoint.Port);
        lab.BlobEndpoint = new UriBuilder(lab.BlobEndpoint) { Port = proxy.Port }.Uri;
        lab.Options = lab.Options with { Patience = new AzCopyPatience { Silence = TimeSpan.FromSeconds(3), Reach = TimeSpan.FromSeconds(8) } };
        WriteLarge("silent");
        OperationKey key = await lab.PrepareAsync("silent", OperationType.Cool);
        Task<TransferVerdict> attempt = lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        proxy.FallSilent();

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("store-unavailable");
        proxy.Unanswered.Should().BePositive();
        proxy.Speak();
        held.Dispose();
        lab.TellTheTruth();
        (await lab.RunAsync("silent", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task OutOfMemory_AzCopyCannotStart_FailsWithTheReason()
    {
        lab.WriteProject("memory");
        lab.Restrict("ulimit -v 300000");

        TransferVerdict verdict = await lab.RunAsync("memory", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-not-installed");
        verdict.Error.Message.Should().Contain("memory");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task OutOfMemory_KilledAgainAndAgain_FailsWithTheReason()
    {
        lab.WriteProject("oom");
        lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\ndie\n[show]\nerror no job with JobId {id} exists\nexit 1");

        TransferVerdict verdict = await lab.RunAsync("oom", OperationType.Cool).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("azcopy-killed");
        verdict.Error.Message.Should().Contain("memory");
        verdict.Error.Details!["exit_code"].Should().Be("137");
    }

    [Test]
    public async Task OutOfMemory_CrashInTheCopy_FailsWithTheReason()
    {
        lab.WriteProject("crash");
        lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0\nerr fatal error: runtime: out of memory\nexit 2\n[show]\nerror no job with JobId {id} exists\nexit 1");

        TransferVerdict verdict = await lab.RunAsync("crash", OperationType.Cool).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("azcopy-crashed");
        verdict.Error.Message.Should().Contain("out of memory");
    }

    [Test]
    public async Task DiskFullForPlans_IsRefusedBeforeAnythingIsTouched()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(lab.Temp.Folder("small"), "1m");
        lab.Options = lab.Options with { WorkFolder = disk.Folder };
        lab.WriteProject("plans");

        TransferVerdict verdict = await lab.RunAsync("plans", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("bytes left");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task DiskThatFillsUpUnderThePlans_FailsWithTheReasonAndARetryGoesWell()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(lab.Temp.Folder("small"), "8m");
        lab.Options = lab.Options with { WorkFolder = disk.Folder };
        lab.WriteProject("filled");
        // The disk has room when AzCopy is looked after, and none when it writes its plan.
        lab.Restrict($"case \"$1\" in copy|jobs) head -c 20000000 /dev/zero > '{disk.Folder}/filler' 2>/dev/null;; esac");

        TransferVerdict verdict = await lab.RunAsync("filled", OperationType.Cool).WaitAsync(Limit);

        verdict.Error!.Code.Should().BeOneOf("azcopy-disk-full", "disk-full", "azcopy-start-failed");
        (verdict.Error.Message + string.Join('\n', verdict.Error.Details?.Values ?? [])).Should().ContainAny("no space left", "no room left", "disk is full");
        File.Delete(Path.Combine(disk.Folder, "filler"));
        lab.TellTheTruth();
        (await lab.RunAsync("filled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task DestinationDiskThatFillsUp_FailsWithTheReasonAndARetryGoesWell()
    {
        WriteLarge("full");
        IReadOnlyList<string> before = FolderListing.Of(lab.Hot("full"));
        (await lab.RunAsync("full", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(lab.Hot("full"), "*", SearchOption.AllDirectories))
            File.Delete(file);
        await using SmallDisk disk = await SmallDisk.MountAsync(lab.Hot("full"), "30m");
        // Somebody else takes the room that was there.
        lab.Restrict($"case \"$1\" in copy) [ -e '{lab.Temp.At("taken")}' ] || {{ touch '{lab.Temp.At("taken")}'; head -c 20000000 /dev/zero > '{disk.Folder}/somebody-elses'; }};; esac");

        TransferVerdict verdict = await lab.RunAsync("full", OperationType.Restore).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("disk-full", verdict.Error.ToString());
        File.Delete(Path.Combine(disk.Folder, "somebody-elses"));
        lab.TellTheTruth();
        (await lab.RunAsync("full", OperationType.Restore)).Error.Should().BeNull();
        FolderListing.Of(lab.Hot("full")).Should().Equal(before);
    }

    [Test]
    public async Task DiskBudgetUsedUp_IsRefusedAndSaysWhichSetting()
    {
        lab.Options = lab.Options with { DiskBudgetBytes = 1_000_000 };
        lab.WriteProject("budget");

        TransferVerdict verdict = await lab.RunAsync("budget", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("AZCOPY_DISK_BUDGET_GB");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task PlansAndLogs_AreRemovedAfterSuccessAndLogsKeptAfterAFailure()
    {
        lab.WriteProject("pruned");
        OperationKey good = await lab.PrepareAsync("pruned", OperationType.Cool);
        (await lab.AttemptAsync(good)).Error.Should().BeNull();
        lab.Lie("[copy]\ninit\nend Failed TransfersCompleted=0\nexit 1\n[resume]\ninit\nend Failed TransfersCompleted=0\nexit 1");
        lab.WriteProject("kept");
        OperationKey bad = await lab.PrepareAsync("kept", OperationType.Cool);
        (await lab.AttemptAsync(bad)).Error.Should().NotBeNull();

        Directory.Exists(Plans(good)).Should().BeFalse();
        Directory.Exists(Logs(good)).Should().BeFalse();
        Directory.Exists(Plans(bad)).Should().BeFalse();
        Directory.EnumerateFiles(Logs(bad)).Should().NotBeEmpty();
    }

    [Test]
    public async Task TwoAgentsByMistake_OnlyOneWorks()
    {
        WriteLarge("two");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await lab.PrepareAsync("two", OperationType.Cool);
        Task<TransferVerdict> first = lab.AttemptAsync(key, attempt: 2);
        await UntilCopyingAsync(key);
        IReadOnlyList<ProcessIdentity> writers = AzCopyOrphans.Find(lab.JobOf(key));

        AgentEndOf second = await lab.SecondAgentAsync(key, attempt: 1, first, held.Dispose);

        writers.Should().ContainSingle();
        second.MostWriters.Should().Be(1);
        second.End.Should().BeOneOf(Core.Transfers.Agents.AgentEnd.Superseded, Core.Transfers.Agents.AgentEnd.LeaseHeld);
        (await first).Error.Should().BeNull();
    }

    [Test]
    public async Task AzCopyLeftAliveByADeadAgent_IsEndedBeforeTheNextStarts()
    {
        WriteLarge("orphan");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await lab.PrepareAsync("orphan", OperationType.Cool);
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(lab.Options, lab.JobOf(key));
        TransferJob job = Core.AtomicFile.ReadJson<TransferJob>(Path.Combine(lab.JobOf(key), JobFiles.Job))!;
        TransferAccess access = Core.AtomicFile.ReadJson<TransferAccess>(Path.Combine(lab.JobOf(key), JobFiles.Access))!;
        await using AzCopyRunner dead = new(workspace);
        AzCopyJob orphan = await dead.StartCopyAsync(new AzCopyEndpoint(job.Source), new AzCopyEndpoint(job.Destination, access.Destination.AzCopySas), new() { PutMd5 = true });

        Task<TransferVerdict> attempt = lab.AttemptAsync(key);
        await Eventually.IsTrueAsync(() => !orphan.Process.IsAlive());
        held.Dispose();
        TransferVerdict verdict = await attempt;

        verdict.Error.Should().BeNull();
        orphan.Process.IsAlive().Should().BeFalse();
        (await dead.ProcessOf(orphan.JobId)!.Completion).ExitCode.Should().Be(137, "it was killed, and did not end by itself");
    }

    [Test]
    public async Task Cancelled_InACool_EndsAzCopyTakesBackWhatWasWrittenAndARetryGoesWell()
    {
        WriteLarge("cancelled");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await lab.PrepareAsync("cancelled", OperationType.Cool);
        Task<TransferVerdict> attempt = lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await Eventually.IsTrueAsync(async () => (await lab.BlobsAsync("cancelled")).Count > 0);
        ProcessIdentity copying = AzCopyOrphans.Find(lab.JobOf(key)).Should().ContainSingle().Subject;
        await lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        copying.IsAlive().Should().BeFalse();
        (await lab.BlobsAsync("cancelled")).Should().BeEmpty();
        long.Parse(verdict.Error.Details!["taken_back_files"], CultureInfo.InvariantCulture).Should().BePositive();
        held.Dispose();
        (await lab.RunAsync("cancelled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task Cancelled_InARestore_TakesBackItsOwnAndNothingElse()
    {
        string project = WriteLarge("partial");
        IReadOnlyList<string> all = FolderListing.Of(project);
        (await lab.RunAsync("partial", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(project, "large*"))
            File.Delete(file);
        HeldRequests held = (await lab.FrontAsync()).HoldReads("cool/partial/large2.bin");
        OperationKey key = await lab.PrepareAsync("partial", OperationType.Restore);
        Task<TransferVerdict> attempt = lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await Eventually.IsTrueAsync(() => Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Count() > 3);
        await File.WriteAllTextAsync(Path.Combine(project, "somebody-elses.txt"), "written meanwhile");
        await lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(project, file))
            .Should().BeEquivalentTo("small.txt", "sub/deep.txt", "somebody-elses.txt");
        File.Delete(Path.Combine(project, "somebody-elses.txt"));
        held.Dispose();
        TransferVerdict again = await lab.RunAsync("partial", OperationType.Restore);
        again.Error.Should().BeNull(again.Error?.ToString());
        FolderListing.Of(project).Should().Equal(all);
    }

    /// <summary>Two small files and three large ones.</summary>
    private string WriteLarge(string slug)
    {
        lab.Temp.File($"hot/{slug}/small.txt", "small");
        lab.Temp.File($"hot/{slug}/sub/deep.txt", "deep");
        byte[] content = new byte[LargeBytes / 3];
        for (int i = 0; i < 3; i++)
        {
            new Random(i).NextBytes(content);
            File.WriteAllBytes(Path.Combine(lab.Hot(slug), $"large{i}.bin"), content);
        }
        return lab.Hot(slug);
    }

    /// <summary>A copy of the large files cannot end while they are held.</summary>
    private async Task<HeldRequests> HoldLargeAsync() => (await lab.FrontAsync()).HoldWrites("cool/*/large*");

    /// <summary>A job whose agent and AzCopy died in the copy.</summary>
    private async Task<OperationKey> LoseAgentAsync(string slug)
    {
        WriteLarge(slug);
        using HeldRequests held = await HoldLargeAsync();
        OperationKey key = await lab.PrepareAsync(slug, OperationType.Cool);
        using CancellationTokenSource death = new();
        Task<TransferVerdict> attempt = lab.AttemptAsync(key, attempt: 1, death.Token);
        await UntilCopyingAsync(key);
        await death.CancelAsync();
        await FluentActions.Awaiting(() => attempt).Should().ThrowAsync<OperationCanceledException>();
        AzCopyOrphans.Find(lab.JobOf(key)).Should().BeEmpty();
        return key;
    }

    /// <summary>Waits until AzCopy has a plan and copies.</summary>
    private async Task UntilCopyingAsync(OperationKey key) => await Eventually.IsTrueAsync(() =>
        Directory.Exists(Plans(key)) && Directory.GetFiles(Plans(key), "*.steV*").Any(plan => new FileInfo(plan).Length > 0)
        && AzCopyOrphans.Find(lab.JobOf(key)).Count > 0
        && lab.ReadAsync(key).Result.Progress?.AzCopyJobs.Count > 0);

    private async Task KillAzCopyAsync(OperationKey key)
    {
        foreach (ProcessIdentity azCopy in AzCopyOrphans.Find(lab.JobOf(key)))
        {
            using Process process = Process.GetProcessById(azCopy.Id);
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private string Plans(OperationKey key) => Path.Combine(lab.JobOf(key), "azcopy", "plans");

    private string Logs(OperationKey key) => Path.Combine(lab.JobOf(key), "azcopy", "logs");
}
