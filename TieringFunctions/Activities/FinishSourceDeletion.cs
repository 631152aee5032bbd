using Microsoft.Extensions.Logging;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Health;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <param name="Deletion">Which request.</param>
/// <param name="Error">Null when nothing of the source is left.</param>
public sealed record DeletionEnd(DeletionState Deletion, OperationError? Error);

/// <summary>Records how a source deletion ended and gives the project free. Safe to repeat.</summary>
public sealed class FinishSourceDeletion(ICatalogue catalogue, IManifestStore manifests, DeliveryStarter deliveries, ILogger<FinishSourceDeletion> log)
{
    [Function(nameof(FinishSourceDeletion))]
    public async Task RunAsync([ActivityTrigger] DeletionEnd end, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        OperationKey key = end.Deletion.Key;
        await manifests.DropDraftAsync(key, cancellation);
        LifecycleOperation? operation = await catalogue.FindOperationAsync(key, cancellation);
        // All of it is gone, whichever piece an activity that ran twice has counted: the manifest's size is what was removed.
        DataSize? removed = end.Error is null ? operation?.Total ?? (await catalogue.FindDeletionAsync(key, cancellation))?.Expected : null;
        await catalogue.FinishDeletionAsync(key, end.Deletion.Generation, removed, end.Error, cancellation);
        if (end.Error is { } error)
            log.DeletionFailed(key, error.Code);
        await deliveries.StartAsync(client, key, cancellation);
    }
}
