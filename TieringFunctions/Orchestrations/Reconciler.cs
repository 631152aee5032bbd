using Microsoft.Extensions.Logging;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Activities;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Orchestrations;

/// <summary>
/// Brings catalogue and task hub together again, for they are two stores: what was accepted and never started is started; what ended or
/// vanished without an outcome (terminated in a monitor, purged) gets one, and its project is free again; results that nobody delivers any
/// more are delivered.
/// </summary>
public sealed class Reconciler(ICatalogue catalogue, IOperationStarter starter, FinishOperation finish, FinishSourceDeletion finishDeletion, DeliveryStarter deliveries, ILogger<Reconciler> log)
{
    /// <summary>Goes once through everything that is accepted and not ended. One piece of work that cannot be helped does not stop the others.</summary>
    public async Task RunAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (UnfinishedWork work in await catalogue.ListUnfinishedAsync(cancellation))
        {
            try
            {
                await (work.Deletion is { } generation
                    ? ReconcileDeletionAsync(client, new DeletionState(work.Key, generation), cancellation)
                    : ReconcileOperationAsync(client, work.Key, cancellation));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.LogWarning(failure, "{Operation} could not be looked after; the next round tries again", work.Key);
            }
        }
        await deliveries.StartLostAsync(client, cancellation);
    }

    private async Task ReconcileOperationAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation)
    {
        OrchestrationMetadata? instance = await client.GetInstanceAsync(key.InstanceId, getInputsAndOutputs: true, cancellation);
        if (IsLive(instance))
            return;
        LifecycleOperation? operation = await catalogue.FindOperationAsync(key, cancellation); // after the look: it may have ended meanwhile
        if (operation is null or { IsTerminal: true })
            return;
        if (instance is null && operation.Status == OperationStatus.Pending)
        {
            log.LogInformation("{Operation} was accepted and never started: starting it", key);
            await starter.EnsureStartedAsync(client, key, cancellation);
            return;
        }
        OperationError error = LossOf(instance);
        log.LogWarning("{Operation} has no live orchestration any more ({Code}): ending it", key, error.Code);
        await finish.RunAsync(new FinishInput(key, error), client, cancellation);
    }

    private async Task ReconcileDeletionAsync(DurableTaskClient client, DeletionState deletion, CancellationToken cancellation)
    {
        OrchestrationMetadata? instance = await client.GetInstanceAsync(deletion.Key.DeletionInstanceOf(deletion.Generation), getInputsAndOutputs: true, cancellation);
        if (IsLive(instance))
            return;
        if (instance is null) // removing goes on where it stopped: starting it (again) is always right
            await starter.EnsureDeletionStartedAsync(client, deletion.Key, deletion.Generation, cancellation);
        else
            await finishDeletion.RunAsync(new DeletionEnd(deletion, LossOf(instance)), client, cancellation);
    }

    private static bool IsLive(OrchestrationMetadata? instance) => instance?.RuntimeStatus is
        OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Suspended;

    private static OperationError LossOf(OrchestrationMetadata? instance) => instance switch
    {
        null => new OperationError("orchestration-purged", "The orchestration was removed from outside."),
        { RuntimeStatus: OrchestrationRuntimeStatus.Terminated } => new OperationError("orchestration-terminated", "The orchestration was terminated from outside."),
        _ when InstanceView.ReasonOf(instance) is { } reason => new OperationError("orchestration-failed", $"The orchestration failed: {reason}"),
        _ => new OperationError("orchestration-lost", "The orchestration ended without an outcome."),
    };
}
