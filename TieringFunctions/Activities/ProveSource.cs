using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <param name="Reached">Where the proof stands; null at its end.</param>
/// <param name="Error">Why the source must not be deleted; null when nothing speaks against it so far.</param>
public sealed record ProofStep(ProofReach? Reached, OperationError? Error);

/// <summary>Compares a piece of the two sides of an operation that Tiering did not make. Safe to repeat: it goes on behind the last piece.</summary>
public sealed class ProveSource(SourceDeletionGate gate, TransferLimits limits)
{
    [Function(nameof(ProveSource))]
    public async Task<ProofStep> RunAsync([ActivityTrigger] DeletionState deletion, CancellationToken cancellation)
    {
        try
        {
            return new ProofStep(await gate.ProveAsync(deletion, limits.Step, cancellation), Error: null);
        }
        catch (DeletionRefusedException refused)
        {
            return new ProofStep(Reached: null, refused.Error);
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new ProofStep(Reached: null, new OperationError(refused.Code, refused.Message));
        }
    }
}
