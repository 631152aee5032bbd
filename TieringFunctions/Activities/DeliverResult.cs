using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <summary>Makes one attempt to tell the client a result, if its time has come. Safe to repeat: delivery is at least once.</summary>
/// <returns>When to come again; null when there is nothing more to do.</returns>
public sealed class DeliverResult(ResultCourier courier)
{
    [Function(nameof(DeliverResult))]
    public Task<DateTimeOffset?> RunAsync([ActivityTrigger] DeliveryState message, CancellationToken cancellation) =>
        courier.DeliverAsync(message.Sequence, message.Round, cancellation);
}
