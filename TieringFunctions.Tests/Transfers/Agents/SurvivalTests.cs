using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>What happens to AzCopy and to its machine, with the real AzCopy: silence, want of memory, a second agent, an orphan.</summary>
public sealed class SurvivalTests : SurvivalFixture
{
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
    public async Task EndpointFallsSilentInTheCopy_FailsWithTheReasonAndLeavesNoAzCopy()
    {
        HeldRequests held = await HoldLargeAsync();
        await using SilentProxy proxy = new(Lab.BlobEndpoint.Port);
        Lab.BlobEndpoint = new UriBuilder(Lab.BlobEndpoint) { Port = proxy.Port }.Uri;
        Lab.Options = Lab.Options with { Patience = new AzCopyPatience { Silence = TimeSpan.FromSeconds(3), Reach = TimeSpan.FromSeconds(15) } };
        WriteLarge("silent");
        OperationKey key = await Lab.PrepareAsync("silent", OperationType.Cool);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilCopyingAsync(key, held);
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
    public async Task TwoAgentsByMistake_OnlyOneWorks()
    {
        WriteLarge("two");
        HeldRequests held = await HoldLargeAsync();
        OperationKey key = await Lab.PrepareAsync("two", OperationType.Cool);
        Task<TransferVerdict> first = Lab.AttemptAsync(key, attempt: 2);
        await UntilCopyingAsync(key, held);
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
}
