using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <summary>Says why a source must not be deleted; null when it may, and <see cref="ProofWanted"/> when that is still to be proved. Reads only.</summary>
public sealed class CheckSourceDeletion(SourceDeletionGate gate)
{
    /// <summary>The code of the one answer that is no refusal: Tiering did not make the operation, and <see cref="ProveSource"/> comes first.</summary>
    public const string ProofWanted = "content-proof-wanted";

    [Function(nameof(CheckSourceDeletion))]
    public async Task<OperationError?> RunAsync([ActivityTrigger] DeletionState deletion, CancellationToken cancellation)
    {
        try
        {
            return await gate.CheckAsync(deletion, cancellation) ? null : new OperationError(ProofWanted, "The contents of both sides are to be compared first.");
        }
        catch (DeletionRefusedException refused)
        {
            return refused.Error;
        }
        catch (TieringException refused) when (!refused.IsTransient)
        {
            return new OperationError(refused.Code, refused.Message);
        }
    }
}
