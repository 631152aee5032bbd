using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>
/// Takes requests for work in: it is recorded, durably, and then set going. A record that could not be set going is no failure any more:
/// the reconciler does it.
/// </summary>
public sealed class OperationIntake(
    ICatalogue catalogue, IOperationStarter starter, StorageSettings storage, BackendSettings backend, DeliveryStarter deliveries, ILogger<OperationIntake> logger)
{
    /// <returns>What is recorded.</returns>
    /// <exception cref="ConfigurationException">A setting is missing or wrong; nothing is recorded.</exception>
    public async Task<LifecycleOperation> AcceptAsync(DurableTaskClient client, OperationRequest request, CancellationToken cancellation)
    {
        CheckSettings();
        Acceptance acceptance = await catalogue.AcceptAsync(request, cancellation);
        await StartAsync(request.Key.InstanceId, () => acceptance.Operation.IsTerminal
            ? deliveries.StartAsync(client, request.Key, CancellationToken.None) // its result is told again
            : starter.EnsureStartedAsync(client, request.Key, CancellationToken.None));
        return acceptance.Operation;
    }

    /// <exception cref="ConfigurationException">A setting is missing or wrong; nothing is recorded.</exception>
    public async Task<SourceDeletion> DeleteAsync(DurableTaskClient client, Caller caller, OperationKey key, DataSize? expected, CancellationToken cancellation)
    {
        CheckSettings();
        SourceDeletion deletion = await catalogue.AcceptDeletionAsync(new DeletionRequest(key, caller.Name, expected) { From = caller.From }, cancellation);
        await StartAsync(key.DeletionInstanceId, () => deletion.Status == DeletionStatus.Running
            ? starter.EnsureDeletionStartedAsync(client, key, deletion.Generation, CancellationToken.None)
            : deliveries.StartAsync(client, key, CancellationToken.None));
        return deletion;
    }

    private void CheckSettings()
    {
        storage.RootOf(StorageRole.Hot);
        storage.RootOf(StorageRole.Cool);
        _ = storage.Prefix;
        storage.Signer();
        backend.Check();
    }

    private async Task StartAsync(string instance, Func<Task> start)
    {
        try
        {
            await start();
        }
        catch (Exception failure)
        {
            logger.LogWarning(failure, "{Instance} is recorded and could not be started yet", instance);
        }
    }
}
