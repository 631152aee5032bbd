using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Orchestrations;

/// <inheritdoc cref="IOperationStarter"/>
public sealed class OperationStarter(IJobFolders jobs) : IOperationStarter
{
    /// <summary>
    /// Every status that an instance can have: an id is never used twice. The two obsolete ones are not in it; the engine refuses them.
    /// </summary>
    private static readonly OrchestrationRuntimeStatus[] EveryStatus =
    [
        OrchestrationRuntimeStatus.Running,
        OrchestrationRuntimeStatus.Completed,
        OrchestrationRuntimeStatus.Failed,
        OrchestrationRuntimeStatus.Terminated,
        OrchestrationRuntimeStatus.Pending,
        OrchestrationRuntimeStatus.Suspended,
    ];

    public Task EnsureStartedAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation) =>
        StartAsync(client, nameof(TransferOrchestration), key.InstanceId, new TransferState(key), cancellation);

    public Task EnsureDeletionStartedAsync(DurableTaskClient client, OperationKey key, int generation, CancellationToken cancellation) =>
        StartAsync(client, nameof(SourceDeletionOrchestration), key.DeletionInstanceOf(generation), new DeletionState(key, generation), cancellation);

    public async Task RequestCancelAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation)
    {
        await jobs.RequestCancelAsync(key.InstanceId, cancellation);
        await client.RaiseEventAsync(key.InstanceId, TransferOrchestration.JobChanged, "cancel", cancellation);
    }

    public Task EnsureAdoptionStartedAsync(DurableTaskClient client, ProjectSlug project, Guid id, CancellationToken cancellation) =>
        StartAsync(client, nameof(AdoptOrchestration), $"{project.Hash}-adopt-{id:D}", project, cancellation);

    private static async Task StartAsync(DurableTaskClient client, string orchestration, string instanceId, object input, CancellationToken cancellation)
    {
        try
        {
            StartOrchestrationOptions once = new StartOrchestrationOptions(instanceId).WithDedupeStatuses(EveryStatus);
            await client.ScheduleNewOrchestrationInstanceAsync(orchestration, input, once, cancellation);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // started before, by an earlier call: that is what was asked for
        }
    }
}
