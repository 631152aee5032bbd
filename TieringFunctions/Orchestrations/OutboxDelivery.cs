using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <param name="Sequence">The message in the outbox.</param>
/// <param name="Round">Which putting-in of it.</param>
public sealed record DeliveryState(long Sequence, int Round);

/// <summary>
/// Delivers one result: an attempt, a wait as long as the outbox says, and again, until it is delivered, parked, or put in anew (which has
/// an orchestration of its own).
/// </summary>
public static class OutboxDelivery
{
    private const int AttemptsPerGeneration = 50;

    [Function(nameof(OutboxDelivery))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        DeliveryState message = context.GetInput<DeliveryState>()!;
        for (int attempt = 0; attempt < AttemptsPerGeneration; attempt++)
        {
            if (await context.CallActivityAsync<DateTimeOffset?>(nameof(DeliverResult), message, Retry.Forever) is not { } next)
                return;
            await context.CreateTimer(next.UtcDateTime, CancellationToken.None);
        }
        context.ContinueAsNew(message);
    }
}
