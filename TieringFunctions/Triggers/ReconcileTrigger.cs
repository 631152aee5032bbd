using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>Runs the reconciler every minute, on one machine at start too.</summary>
public sealed class ReconcileTrigger(Reconciler reconciler)
{
    [Function("reconcile")]
    public Task RunAsync(
        [TimerTrigger("0 * * * * *", RunOnStartup = HostAdapters.TimersRunAtStart, UseMonitor = HostAdapters.TimersAreMonitored)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation) => reconciler.RunAsync(client, cancellation);
}
