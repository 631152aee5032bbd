using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Orchestrations;

/// <summary>Sets the delivery of results going that are committed to the outbox already. May be called at any time, any number of times.</summary>
public sealed class DeliveryStarter(IOutbox outbox, IOperationStarter starter, TimeProvider time)
{
    private const int Most = 1000;

    /// <summary>What the client is owed of one operation.</summary>
    public async Task StartAsync(DurableTaskClient client, OperationKey operation, CancellationToken cancellation)
    {
        foreach (OutboxMessage message in await outbox.ListPendingAsync(operation, cancellation))
            await starter.EnsureDeliveryStartedAsync(client, message, cancellation);
    }

    /// <summary>What is due and has nobody to deliver it: its orchestration was never started, or was ended from outside.</summary>
    public async Task StartLostAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (OutboxMessage message in await outbox.ListDueAsync(time.GetUtcNow(), Most, cancellation))
            await starter.EnsureDeliveryStartedAsync(client, message, cancellation);
    }
}
