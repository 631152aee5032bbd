using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;

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

    /// <summary>A delivery that has ended may be started anew: what is delivered already ends it at once.</summary>
    private static readonly OrchestrationRuntimeStatus[] LiveStatuses =
    [
        OrchestrationRuntimeStatus.Running,
        OrchestrationRuntimeStatus.Pending,
        OrchestrationRuntimeStatus.Suspended,
    ];

    public Task EnsureStartedAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation) =>
        StartAsync(client, nameof(TransferOrchestration), key.InstanceId, new TransferState(key), EveryStatus, cancellation);

    public Task EnsureDeletionStartedAsync(DurableTaskClient client, OperationKey key, int generation, CancellationToken cancellation) =>
        StartAsync(client, nameof(SourceDeletionOrchestration), key.DeletionInstanceOf(generation), new DeletionState(key, generation), EveryStatus, cancellation);

    public Task EnsureDeliveryStartedAsync(DurableTaskClient client, OutboxMessage message, CancellationToken cancellation) =>
        StartAsync(client, nameof(OutboxDelivery), message.InstanceId, new DeliveryState(message.Sequence, message.Round), LiveStatuses, cancellation);

    public async Task RequestCancelAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation)
    {
        await jobs.RequestCancelAsync(key.InstanceId, cancellation);
        await client.RaiseEventAsync(key.InstanceId, TransferOrchestration.JobChanged, "cancel", cancellation);
    }

    public Task EnsureAdoptionStartedAsync(DurableTaskClient client, ProjectSlug project, Guid id, CancellationToken cancellation) =>
        StartAsync(client, nameof(AdoptOrchestration), $"{project.Hash}-adopt-{id:D}", project, EveryStatus, cancellation);

    public Task EnsurePlanStartedAsync(DurableTaskClient client, OperationRequest request, CancellationToken cancellation) =>
        StartAsync(client, nameof(PlanOrchestration), PlanInstanceOf(request.Key.Id), new PlanInput(request), EveryStatus, cancellation);

    /// <summary>The id of the orchestration that makes a plan.</summary>
    public static string PlanInstanceOf(Guid id) => $"plan-{id:D}";

    /// <summary>Starts an orchestration unless its id was ever used.</summary>
    internal static Task StartOnceAsync(DurableTaskClient client, string orchestration, string instanceId, object input, CancellationToken cancellation) =>
        StartAsync(client, orchestration, instanceId, input, EveryStatus, cancellation);

    private static async Task StartAsync(
        DurableTaskClient client, string orchestration, string instanceId, object input, OrchestrationRuntimeStatus[] unlessIn, CancellationToken cancellation)
    {
        try
        {
            StartOrchestrationOptions once = new StartOrchestrationOptions(instanceId).WithDedupeStatuses(unlessIn);
            await client.ScheduleNewOrchestrationInstanceAsync(orchestration, input, once, cancellation);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // started before, by an earlier call: that is what was asked for
        }
    }
}
