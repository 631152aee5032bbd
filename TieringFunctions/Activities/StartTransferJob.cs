using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Euphrosyne;

namespace Tiering.Functions.Activities;

/// <param name="Key">The operation.</param>
/// <param name="Attempt">From 1.</param>
public sealed record AttemptInput(OperationKey Key, int Attempt);

/// <summary>Prepares the job folder and starts an agent. Safe to repeat: the attempt number and the lease decide.</summary>
/// <returns>Why no agent can be started, when trying again cannot help; else null.</returns>
public sealed class StartTransferJob(ICatalogue catalogue, TransferPlanner planner, IJobFolders folders, IJobHost host, Supersession supersession, OnlyCopy onlyCopy)
{
    [Function(nameof(StartTransferJob))]
    public async Task<OperationError?> RunAsync([ActivityTrigger] AttemptInput input, CancellationToken cancellation)
    {
        try
        {
            LifecycleOperation operation = await catalogue.FindOperationAsync(input.Key, cancellation) ?? throw new OperationUnknownException(input.Key);
            if (input.Attempt == 1 && await supersession.FindAsync(operation, cancellation) is { } superseded)
                return superseded;
            if (input.Attempt == 1 && await onlyCopy.FindAsync(input.Key, cancellation) is { } kept)
                return kept;
            await folders.PrepareAsync(input.Key.InstanceId, await planner.PlanAsync(operation, cancellation), cancellation);
            await host.StartAsync(input.Key.InstanceId, input.Attempt, cancellation);
            if (await catalogue.FindOperationAsync(input.Key, cancellation) is { IsTerminal: true })
                await folders.CloseAsync(input.Key.InstanceId, cancellation); // ended from outside meanwhile: the agent ends by itself, the access must not stay
            return null;
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new OperationError(refused.Code, refused.Message);
        }
    }
}
