using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>
/// Takes requests for work in: it is recorded, durably, and then set going. A record that could not be set going is no failure any more:
/// the reconciler does it.
/// </summary>
public sealed class OperationIntake(ICatalogue catalogue, IOperationStarter starter, StorageSettings storage, ILogger<OperationIntake> logger)
{
    /// <returns>What is recorded.</returns>
    /// <exception cref="ConfigurationException">A role is not set up; nothing is recorded.</exception>
    public async Task<LifecycleOperation> AcceptAsync(DurableTaskClient client, OperationRequest request, CancellationToken cancellation)
    {
        CheckRoles();
        Acceptance acceptance = await catalogue.AcceptAsync(request, cancellation);
        if (!acceptance.Operation.IsTerminal)
            await StartAsync(request.Key.InstanceId, () => starter.EnsureStartedAsync(client, request.Key, CancellationToken.None));
        return acceptance.Operation;
    }

    /// <exception cref="ConfigurationException">A role is not set up; nothing is recorded.</exception>
    public async Task<SourceDeletion> DeleteAsync(DurableTaskClient client, Caller caller, OperationKey key, DataSize? expected, CancellationToken cancellation)
    {
        CheckRoles();
        SourceDeletion deletion = await catalogue.AcceptDeletionAsync(new DeletionRequest(key, caller.Name, expected) { From = caller.From }, cancellation);
        if (deletion.Status == DeletionStatus.Running)
            await StartAsync(key.DeletionInstanceId, () => starter.EnsureDeletionStartedAsync(client, key, deletion.Generation, CancellationToken.None));
        return deletion;
    }

    private void CheckRoles()
    {
        storage.RootOf(StorageRole.Hot);
        storage.RootOf(StorageRole.Cool);
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
