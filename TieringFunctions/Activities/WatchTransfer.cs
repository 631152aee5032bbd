using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <param name="Key">The operation.</param>
/// <param name="Attempt">The attempt that was started last.</param>
/// <param name="AttemptStartedAt">When that was.</param>
/// <param name="JobStartedAt">When the first attempt was started.</param>
public sealed record WatchInput(OperationKey Key, int Attempt, DateTimeOffset AttemptStartedAt, DateTimeOffset JobStartedAt)
{
    public static WatchInput Of(TransferState state) => new(state.Key, state.Attempt, state.AttemptStartedAt, state.JobStartedAt);
}

/// <summary>
/// Looks at a job once: publishes its progress, renews its access and its limits, and says what should happen. An agent that hangs is ended before it is
/// called lost, so that the next attempt finds the lease free.
/// </summary>
public sealed class WatchTransfer(ICatalogue catalogue, IJobFolders folders, IJobHost host, TransferPlanner planner, StorageSettings storage, TransferLimits limits, TimeProvider clock)
{
    /// <summary>How often an agent is started for one operation before it is given up.</summary>
    public const int MaxAttempts = 25;

    /// <summary>How often an agent may hang before its operation is given up.</summary>
    public const int MaxStalls = 3;

    /// <summary>An agent whose heart has not beaten for so long does not hear that it is asked to end either.</summary>
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeaseRelease = TimeSpan.FromSeconds(3);

    [Function(nameof(WatchTransfer))]
    public async Task<WatchStep> RunAsync([ActivityTrigger] WatchInput input, CancellationToken cancellation)
    {
        string instance = input.Key.InstanceId;
        JobView view = await SettledAsync(instance, cancellation);
        if (view.Progress is { } told)
            await catalogue.ReportAsync(input.Key, told.Total, told.Copied, told.Percent, told.AzCopyJobs, cancellation);

        WatchStep step = TransferWatch.Decide(view, input.Attempt, input.AttemptStartedAt, input.JobStartedAt, clock.GetUtcNow(), limits.Watch);
        if (step == WatchStep.Wait && await IsDeafAsync(input, view, cancellation))
        {
            await host.StopAsync(instance, cancellation);
            return WatchStep.AgentLost; // the next attempt does what the cancellation needs
        }
        if (step == WatchStep.Wait && IsAwaited(view, input) && await host.LookAsync(instance, input.Attempt, cancellation) == AgentPresence.Gone)
        {
            view = await SettledAsync(instance, cancellation); // it may have begun, and even ended, since the first look
            step = IsAwaited(view, input)
                ? WatchStep.AgentLost
                : TransferWatch.Decide(view, input.Attempt, input.AttemptStartedAt, input.JobStartedAt, clock.GetUtcNow(), limits.Watch);
        }
        if (step is WatchStep.Stalled or WatchStep.Overdue)
            await host.StopAsync(instance, cancellation);
        else if (step == WatchStep.Wait && (view.AccessExpiresAt - clock.GetUtcNow() < storage.RenewBefore || limits.Job.Replaces(view.Limits)))
            await RenewAsync(input.Key, cancellation);
        return step;
    }

    /// <summary>Whether the agent that was started last has not begun yet.</summary>
    private static bool IsAwaited(JobView view, WatchInput input) => view is { Verdict: null, LeaseHeld: false } && view.Attempt < input.Attempt;

    private async Task<bool> IsDeafAsync(WatchInput input, JobView view, CancellationToken cancellation) =>
        view is { LeaseHeld: true, Verdict: null }
        && clock.GetUtcNow() - (view.Progress?.Heartbeat ?? input.AttemptStartedAt) > Deaf
        && clock.GetUtcNow() - input.AttemptStartedAt > Deaf
        && await folders.IsCancelRequestedAsync(input.Key.InstanceId, cancellation);

    /// <summary>An agent writes its verdict and then gives the lease back: the little while between is waited out here, not a whole interval.</summary>
    private async Task<JobView> SettledAsync(string instance, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        while (true)
        {
            JobView view = await folders.ReadAsync(instance, cancellation);
            if (view is not { Verdict: not null, LeaseHeld: true } || clock.GetElapsedTime(start) > LeaseRelease)
                return view;
            await Task.Delay(TimeSpan.FromMilliseconds(10), clock, cancellation);
        }
    }

    private async Task RenewAsync(OperationKey key, CancellationToken cancellation)
    {
        if (await catalogue.FindOperationAsync(key, cancellation) is not { IsTerminal: false } operation)
            return;
        await folders.PrepareAsync(key.InstanceId, await planner.PlanAsync(operation, cancellation), cancellation);
        if (await catalogue.FindOperationAsync(key, cancellation) is { IsTerminal: true })
            await folders.CloseAsync(key.InstanceId, cancellation); // ended from outside meanwhile: the access must not stay
    }
}
