using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>What happens to AzCopy and to its machine, with the real AzCopy: each ends in a resume, in a new start, or FAILED with the reason.</summary>
public sealed class SurvivalTests : LocalLabFixture
{
    private const int LargeBytes = 24_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Test]
    public async Task AzCopyKilled_IsResumedByTheSameAgent()
    {
        WriteLarge("killed");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync("killed", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await Signals.KillAsync(AzCopyOrphans.Find(Lab.JobOf(key)).Select(process => process.Id));
        held.Dispose();

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle("the job that was killed is resumed");
        Lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task AzCopyKilled_WhenAskedForItsVersion_IsAskedAgain()
    {
        Lab.WriteProject("asked");
        string mark = Lab.Temp.At("killed-once");
        Lab.Restrict($"[ -e '{mark}' ] || {{ : > '{mark}'; kill -9 $$; }}");

        (await Lab.RunAsync("asked", OperationType.Cool)).Error.Should().BeNull();

        File.Exists(mark).Should().BeTrue();
    }

    [Test]
    public async Task MachineRebooted_PlanThere_IsResumedByTheNextAttempt()
    {
        OperationKey key = await LoseAgentAsync("rebooted");

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().ContainSingle();
        Lab.Log.Lines.Should().Contain(line => line.Contains("Interrupted: Resume"));
    }

    [Test]
    public async Task MachineLost_PlanLost_StartsAnew()
    {
        OperationKey key = await LoseAgentAsync("lost");
        Directory.Delete(Plans(key), recursive: true);

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
    }

    [Test]
    public async Task JobsShowBeforeThePlanExists_StartsAnew()
    {
        Lab.WriteProject("scanning");
        Lab.Lie("[copy 1]\ninit\ndie"); // killed in its scan; what is asked of its plan, the real AzCopy answers

        TransferVerdict verdict = await Lab.RunAsync("scanning", OperationType.Cool);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("NoPlan: StartAnew"));
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

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull();
        verdict.AzCopyJobs.Should().HaveCount(2);
        Lab.Log.Lines.Should().Contain(line => line.Contains("StartAnew"));
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

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2).WaitAsync(Limit);

        TestContext.Out.WriteLine(verdict.Error?.ToString() ?? "proved");
        if (verdict.Error is null)
            verdict.Copied.Should().Be(verdict.Total);
        else
            (await Lab.RunAsync("scribbled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task EndpointFallsSilentInTheCopy_FailsWithTheReasonAndLeavesNoAzCopy()
    {
        HeldRequests held = await HoldLargeAsync();
        await using SilentProxy proxy = new(Lab.BlobEndpoint.Port);
        Lab.BlobEndpoint = new UriBuilder(Lab.BlobEndpoint) { Port = proxy.Port }.Uri;
        Lab.Options = Lab.Options with { Patience = new AzCopyPatience { Silence = TimeSpan.FromSeconds(3), Reach = TimeSpan.FromSeconds(8) } };
        WriteLarge("silent");
        OperationKey key = await Lab.PrepareAsync("silent", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        proxy.FallSilent();

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("store-unavailable");
        proxy.Unanswered.Should().BePositive();
        proxy.Speak();
        held.Dispose();
        Lab.TellTheTruth();
        (await Lab.RunAsync("silent", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task OutOfMemory_AzCopyCannotStart_FailsWithTheReason()
    {
        Lab.WriteProject("memory");
        Lab.Restrict("ulimit -v 300000");

        TransferVerdict verdict = await Lab.RunAsync("memory", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-not-installed");
        verdict.Error.Message.Should().Contain("memory");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task OutOfMemory_KilledAgainAndAgain_FailsWithTheReason()
    {
        Lab.WriteProject("oom");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\ndie\n[show]\nerror no job with JobId {id} exists\nexit 1");

        TransferVerdict verdict = await Lab.RunAsync("oom", OperationType.Cool).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("azcopy-killed");
        verdict.Error.Message.Should().Contain("memory");
        verdict.Error.Details!["exit_code"].Should().Be("137");
    }

    [Test]
    public async Task OutOfMemory_CrashInTheCopy_FailsWithTheReason()
    {
        Lab.WriteProject("crash");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0\nerr fatal error: runtime: out of memory\nexit 2\n[show]\nerror no job with JobId {id} exists\nexit 1");

        TransferVerdict verdict = await Lab.RunAsync("crash", OperationType.Cool).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("azcopy-crashed");
        verdict.Error.Message.Should().Contain("out of memory");
    }

    [Test]
    public async Task DiskFullForPlans_IsRefusedBeforeAnythingIsTouched()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Temp.Folder("small"), "1m");
        Lab.Options = Lab.Options with { WorkFolder = disk.Folder };
        Lab.WriteProject("plans");

        TransferVerdict verdict = await Lab.RunAsync("plans", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("bytes left");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task DiskThatFillsUpUnderThePlans_FailsWithTheReasonAndARetryGoesWell()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Temp.Folder("small"), "8m");
        Lab.Options = Lab.Options with { WorkFolder = disk.Folder };
        Lab.WriteProject("filled");
        // The disk has room when AzCopy is looked after, and none when it writes its plan.
        Lab.Restrict($"case \"$1\" in copy|jobs) head -c 20000000 /dev/zero > '{disk.Folder}/filler' 2>/dev/null;; esac");

        TransferVerdict verdict = await Lab.RunAsync("filled", OperationType.Cool).WaitAsync(Limit);

        // AzCopy may end before it has told a job; then its room is looked at once more.
        verdict.Error!.Code.Should().BeOneOf("azcopy-disk-full", "disk-full", "azcopy-start-failed", "azcopy-disk-budget");
        (verdict.Error.Message + string.Join('\n', verdict.Error.Details?.Values ?? [])).Should().ContainAny("no space left", "no room left", "disk is full", "bytes left");
        File.Delete(Path.Combine(disk.Folder, "filler"));
        Lab.TellTheTruth();
        (await Lab.RunAsync("filled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task DestinationDiskThatFillsUp_FailsWithTheReasonAndARetryGoesWell()
    {
        await RequireAzCopy.AtLeastAsync(new Version(10, 32, 2), "logs no reasons after a resume, so that a full disk is not told from other failures");
        WriteLarge("full");
        IReadOnlyList<string> before = FolderListing.Of(Lab.Hot("full"));
        (await Lab.RunAsync("full", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(Lab.Hot("full"), "*", SearchOption.AllDirectories))
            File.Delete(file);
        await using SmallDisk disk = await SmallDisk.MountAsync(Lab.Hot("full"), "60m"); // a file that is there is replaced by a second one
        // Somebody else takes the room that was there.
        Lab.Restrict($"case \"$1\" in copy) [ -e '{Lab.Temp.At("taken")}' ] || {{ touch '{Lab.Temp.At("taken")}'; head -c 50000000 /dev/zero > '{disk.Folder}/somebody-elses'; }};; esac");

        TransferVerdict verdict = await Lab.RunAsync("full", OperationType.Restore).WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("disk-full", verdict.Error.ToString());
        File.Delete(Path.Combine(disk.Folder, "somebody-elses"));
        Lab.TellTheTruth();
        (await Lab.RunAsync("full", OperationType.Restore)).Error.Should().BeNull();
        FolderListing.Of(Lab.Hot("full")).Should().Equal(before);
    }

    [Test]
    public async Task DiskBudgetUsedUp_IsRefusedAndSaysWhichSetting()
    {
        Lab.Options = Lab.Options with { DiskBudgetBytes = 1_000_000 };
        Lab.WriteProject("budget");

        TransferVerdict verdict = await Lab.RunAsync("budget", OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("AZCOPY_DISK_BUDGET_GB");
        verdict.TouchedDestination.Should().BeFalse();
    }

    [Test]
    public async Task DiskBudgetOutgrownInTheCopy_EndsAzCopyAndSaysWhichSetting()
    {
        ManualTime clock = new(DateTimeOffset.UtcNow);
        Lab.Clock = clock;
        Lab.Options = Lab.Options with { DiskBudgetBytes = 20_000_000 };
        Lab.WriteProject("outgrown");
        Lab.Lie("[copy]\ninit\nprogress InProgress TransfersCompleted=0 TotalBytesTransferred=0\nhang");
        OperationKey key = await Lab.PrepareAsync("outgrown", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(Lab.JobOf(key), JobFiles.Progress)) && Lab.ReadAsync(key).Result.Progress?.AzCopyJobs.Count == 1);
        await File.WriteAllBytesAsync(Path.Combine(Logs(key), "log"), new byte[30_000_000]);

        while (!attempt.IsCompleted) // its looks are seconds apart, by a clock that we move
        {
            clock.Advance(TimeSpan.FromSeconds(16));
            await Task.WhenAny(attempt, Task.Delay(50));
        }
        TransferVerdict verdict = await attempt;

        verdict.Error!.Code.Should().Be("azcopy-disk-budget");
        verdict.Error.Message.Should().Contain("AZCOPY_DISK_BUDGET_GB").And.Contain("have grown");
        Lab.Options = Lab.Options with { DiskBudgetBytes = 20L << 30 };
        Lab.TellTheTruth();
        (await Lab.RunAsync("outgrown", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task PlansAndLogs_AreRemovedAfterSuccessAndLogsKeptAfterAFailure()
    {
        Lab.WriteProject("pruned");
        OperationKey good = await Lab.PrepareAsync("pruned", OperationType.Cool);
        (await Lab.AttemptAsync(good)).Error.Should().BeNull();
        Lab.Lie("[copy]\ninit\nend Failed TransfersCompleted=0\nexit 1\n[resume]\ninit\nend Failed TransfersCompleted=0\nexit 1");
        Lab.WriteProject("kept");
        OperationKey bad = await Lab.PrepareAsync("kept", OperationType.Cool);
        (await Lab.AttemptAsync(bad)).Error.Should().NotBeNull();

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
        OperationKey key = await Lab.PrepareAsync("two", OperationType.Cool);
        Task<TransferVerdict> first = Lab.AttemptAsync(key, attempt: 2);
        await UntilCopyingAsync(key);
        IReadOnlyList<ProcessIdentity> writers = AzCopyOrphans.Find(Lab.JobOf(key));

        AgentEndOf second = await Lab.SecondAgentAsync(key, attempt: 1, first, held.Dispose);

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
        OperationKey key = await Lab.PrepareAsync("orphan", OperationType.Cool);
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(Lab.Options, Lab.JobOf(key));
        TransferJob job = Core.AtomicFile.ReadJson<TransferJob>(Path.Combine(Lab.JobOf(key), JobFiles.Job))!;
        TransferAccess access = Core.AtomicFile.ReadJson<TransferAccess>(Path.Combine(Lab.JobOf(key), JobFiles.Access))!;
        await using AzCopyRunner dead = new(workspace);
        AzCopyJob orphan = await dead.StartCopyAsync(new AzCopyEndpoint(job.Source), new AzCopyEndpoint(job.Destination, access.Destination.AzCopySas), new() { PutMd5 = true });

        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
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
        OperationKey key = await Lab.PrepareAsync("cancelled", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await Eventually.IsTrueAsync(async () => (await Lab.BlobsAsync("cancelled")).Count > 0);
        ProcessIdentity copying = AzCopyOrphans.Find(Lab.JobOf(key)).Should().ContainSingle().Subject;
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        copying.IsAlive().Should().BeFalse();
        (await Lab.BlobsAsync("cancelled")).Should().BeEmpty();
        long.Parse(verdict.Error.Details!["taken_back_files"], CultureInfo.InvariantCulture).Should().BePositive();
        held.Dispose();
        (await Lab.RunAsync("cancelled", OperationType.Cool)).Error.Should().BeNull();
    }

    [Test]
    public async Task Cancelled_InARestore_TakesBackItsOwnAndNothingElse()
    {
        string project = WriteLarge("partial");
        IReadOnlyList<string> all = FolderListing.Of(project);
        (await Lab.RunAsync("partial", OperationType.Cool)).Error.Should().BeNull();
        foreach (string file in Directory.GetFiles(project, "large*"))
            File.Delete(file);
        HeldRequests held = (await Lab.FrontAsync()).HoldReads("cool/partial/large2.bin");
        OperationKey key = await Lab.PrepareAsync("partial", OperationType.Restore);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key);
        await Eventually.IsTrueAsync(() => Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Count() > 3);
        await File.WriteAllTextAsync(Path.Combine(project, "somebody-elses.txt"), "written meanwhile");
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(project, file))
            .Should().BeEquivalentTo("small.txt", "sub/deep.txt", "somebody-elses.txt");
        File.Delete(Path.Combine(project, "somebody-elses.txt"));
        held.Dispose();
        TransferVerdict again = await Lab.RunAsync("partial", OperationType.Restore);
        again.Error.Should().BeNull(again.Error?.ToString());
        FolderListing.Of(project).Should().Equal(all);
    }

    /// <summary>Two small files and three large ones.</summary>
    private string WriteLarge(string slug)
    {
        Lab.Temp.File($"hot/{slug}/small.txt", "small");
        Lab.Temp.File($"hot/{slug}/sub/deep.txt", "deep");
        byte[] content = new byte[LargeBytes / 3];
        for (int i = 0; i < 3; i++)
        {
            new Random(i).NextBytes(content);
            File.WriteAllBytes(Path.Combine(Lab.Hot(slug), $"large{i}.bin"), content);
        }
        return Lab.Hot(slug);
    }

    /// <summary>A copy of the large files cannot end while they are held.</summary>
    private async Task<HeldRequests> HoldLargeAsync() => (await Lab.FrontAsync()).HoldWrites("cool/*/large*");

    /// <summary>A job whose agent and AzCopy died in the copy.</summary>
    private async Task<OperationKey> LoseAgentAsync(string slug)
    {
        WriteLarge(slug);
        using HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync(slug, OperationType.Cool);
        using CancellationTokenSource death = new();
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key, attempt: 1, death.Token);
        await UntilCopyingAsync(key);
        await death.CancelAsync();
        await FluentActions.Awaiting(() => attempt).Should().ThrowAsync<OperationCanceledException>();
        AzCopyOrphans.Find(Lab.JobOf(key)).Should().BeEmpty();
        return key;
    }

    /// <summary>Waits until AzCopy has a plan and copies.</summary>
    private async Task UntilCopyingAsync(OperationKey key) => await Eventually.IsTrueAsync(() =>
        Directory.Exists(Plans(key)) && Directory.GetFiles(Plans(key), "*.steV*").Any(plan => new FileInfo(plan).Length > 0)
        && AzCopyOrphans.Find(Lab.JobOf(key)).Count > 0
        && Lab.ReadAsync(key).Result.Progress?.AzCopyJobs.Count > 0);

    private string Plans(OperationKey key) => Path.Combine(Lab.JobOf(key), "azcopy", "plans");

    private string Logs(OperationKey key) => Path.Combine(Lab.JobOf(key), "azcopy", "logs");
}
