using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>Runs the reconciler at start and every minute.</summary>
public sealed class ReconcileTrigger(Reconciler reconciler)
{
    [Function("reconcile")]
    public Task RunAsync(
        [TimerTrigger("0 * * * * *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation) => reconciler.RunAsync(client, cancellation);
}
