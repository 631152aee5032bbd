using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Orchestrations;

/// <summary>
/// Sets the orchestrations of recorded work going. The catalogue is the authority on what was accepted: these calls come after its
/// commit, may be repeated at any time (by a repeated request, by the reconciler) and never start anything twice. The client comes from
/// the caller's <c>[DurableClient]</c> parameter: on Azure there is none to inject.
/// </summary>
public interface IOperationStarter
{
    /// <summary>Starts the orchestration of an accepted operation, unless it was started before, whatever has become of it.</summary>
    Task EnsureStartedAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation);

    /// <summary>Starts the orchestration that deletes the operation's source; each generation has one of its own.</summary>
    Task EnsureDeletionStartedAsync(DurableTaskClient client, OperationKey key, int generation, CancellationToken cancellation);

    /// <summary>
    /// Asks a live operation to end; it ends FAILED with the code <c>cancelled</c>, once nothing of it runs any more. No effect on an
    /// operation that has ended.
    /// </summary>
    Task RequestCancelAsync(DurableTaskClient client, OperationKey key, CancellationToken cancellation);

    /// <summary>Starts the delivery of a result, unless it goes on already.</summary>
    Task EnsureDeliveryStartedAsync(DurableTaskClient client, OutboxMessage message, CancellationToken cancellation);

    /// <summary>
    /// Starts taking a baseline of what a COOL project holds now, for a COOL that Tiering did not make. Repeated with the same id it
    /// starts nothing new.
    /// </summary>
    Task EnsureAdoptionStartedAsync(DurableTaskClient client, ProjectSlug project, Guid id, CancellationToken cancellation);

    /// <summary>Starts making the plan of what is asked for; the id of the request names the plan. Repeated it starts nothing new.</summary>
    Task EnsurePlanStartedAsync(DurableTaskClient client, OperationRequest request, CancellationToken cancellation);
}
