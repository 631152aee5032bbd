using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <param name="Done">Nothing of the source is left.</param>
/// <param name="Error">Why it must not go on; null when it may.</param>
public sealed record RemovalStep(bool Done, OperationError? Error);

/// <summary>Removes a piece of the source, as much as a little while allows. Safe to repeat: it goes on with what is left.</summary>
public sealed class RemoveSource(SourceDeletionGate gate, TransferLimits limits)
{
    [Function(nameof(RemoveSource))]
    public async Task<RemovalStep> RunAsync([ActivityTrigger] DeletionState deletion, CancellationToken cancellation)
    {
        try
        {
            return new RemovalStep(await gate.RemoveAsync(deletion, limits.Step, cancellation), Error: null);
        }
        catch (DeletionRefusedException refused)
        {
            return new RemovalStep(Done: false, refused.Error);
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new RemovalStep(Done: false, new OperationError(refused.Code, refused.Message));
        }
    }
}
