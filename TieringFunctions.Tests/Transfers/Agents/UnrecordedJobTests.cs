using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>An AzCopy that downloads already when it, or its agent, is killed before its job's id is recorded: what it leaves must still be known as ours.</summary>
public sealed class UnrecordedJobTests : SurvivalFixture
{
    private string project = "";
    private IReadOnlyList<string> before = [];
    private HeldRequests held = null!;
    private OperationKey key;

    [SetUp]
    public async Task HoldTheRestoreAsync()
    {
        project = WriteLarge("demo");
        before = FolderListing.Of(project);
        (await Lab.RunAsync("demo", OperationType.Cool)).Error.Should().BeNull();
        held = (await Lab.FrontAsync()).HoldReads("cool/demo/large*");
        key = await Lab.PrepareAsync("demo", OperationType.Restore);
    }

    [Test]
    public async Task Unrecorded_AgentKilled_TheNextRestores()
    {
        await LoseAgentAsync();
        held.Dispose();

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        verdict.AzCopyJobs.Should().HaveCount(2);
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Unrecorded_AgentKilled_TheNextIsCancelledAndLeavesNothing()
    {
        await LoseAgentAsync();
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error!.Code.Should().Be("cancelled");
        verdict.AzCopyJobs.Should().ContainSingle();
        Leftovers.Should().BeEmpty();
        await RestoreAsync();
    }

    [Test]
    public async Task Unrecorded_Cancelled_LeavesNothing()
    {
        MuteFirst();
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilDownloadingAsync();
        await Lab.CancelAsync(key);

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("cancelled");
        Leftovers.Should().BeEmpty();
        await RestoreAsync();
    }

    [Test]
    public async Task Unrecorded_Killed_AnotherOneRestores()
    {
        MuteFirst();
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilDownloadingAsync();
        held.Dispose();
        await Signals.KillAsync(AzCopyOrphans.Find(Lab.JobOf(key)).Select(process => process.Id));

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        verdict.AzCopyJobs.Should().HaveCount(2);
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Unrecorded_Failed_ARetryRestores()
    {
        MuteFirst(thenExit: 1);
        Task<TransferVerdict> attempt = Lab.AttemptAsync(key);
        await UntilDownloadingAsync();
        await Signals.KillAsync(AzCopyOrphans.Find(Lab.JobOf(key)).Select(process => process.Id));

        TransferVerdict verdict = await attempt.WaitAsync(Limit);

        verdict.Error!.Code.Should().Be("azcopy-start-failed");
        Leftovers.Should().NotBeEmpty();
        await RestoreAsync();
    }

    [Test]
    public async Task Leftovers_AgentKilledBeforeItHasRemovedThem_AreRemovedByTheNext()
    {
        string earlier = Guid.NewGuid().ToString("D");
        Lab.Temp.File($"hot/demo/.azDownload-{earlier}-large0.bin", "what an operation before has left");
        Lab.Remember(earlier);
        held.Dispose();
        key = await Lab.PrepareAsync("demo", OperationType.Restore);
        await DieAsync(async (checkpoint, write) =>
        {
            await write();
            return checkpoint.DestinationTouched;
        });
        Leftovers.Should().ContainSingle();

        TransferVerdict verdict = await Lab.AttemptAsync(key, attempt: 2);

        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        FolderListing.Of(project).Should().Equal(before);
    }

    private string[] Leftovers => Directory.GetFiles(project, ".azDownload-*");

    /// <summary>Lets nobody hear what the first AzCopy that copies says; the next ones speak, or end with a code.</summary>
    private void MuteFirst(int? thenExit = null)
    {
        string mark = Lab.Temp.At("muted");
        string next = thenExit is { } code ? $"exit {code}" : ":";
        Lab.Restrict($"if [ \"$1\" = copy ]; then if [ -e '{mark}' ]; then {next}; else touch '{mark}'; exec '{Lab.AzCopy}' \"$@\" > /dev/null; fi; fi");
    }

    private Task UntilDownloadingAsync() => Eventually.IsTrueAsync(() => Leftovers.Length == 3);

    private async Task LoseAgentAsync()
    {
        await DieAsync(async (checkpoint, write) =>
        {
            if (checkpoint.AzCopyJobs.Count > 0)
                await UntilDownloadingAsync();
            else
                await write();
            return checkpoint.AzCopyJobs.Count > 0;
        });
        Leftovers.Should().NotBeEmpty();
    }

    /// <summary>The first agent dies when the function, which is to write its checkpoints, says so.</summary>
    private async Task DieAsync(Func<AgentCheckpoint, Func<Task>, Task<bool>> diesAt)
    {
        using CancellationTokenSource death = new();
        Lab.WriteCheckpoint = async (checkpoint, write) =>
        {
            if (await diesAt(checkpoint, write))
                await death.CancelAsync();
            death.Token.ThrowIfCancellationRequested();
        };
        await FluentActions.Awaiting(() => Lab.AttemptAsync(key, attempt: 1, death.Token)).Should().ThrowAsync<OperationCanceledException>();
        Lab.WriteCheckpoint = (_, write) => write();
    }

    private async Task RestoreAsync()
    {
        held.Dispose();
        Lab.TellTheTruth();
        TransferVerdict verdict = await Lab.RunAsync("demo", OperationType.Restore);
        verdict.Error.Should().BeNull(verdict.Error?.ToString());
        FolderListing.Of(project).Should().Equal(before);
    }
}
