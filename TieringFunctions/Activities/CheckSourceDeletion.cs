using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <summary>Says why a source must not be deleted; null when it may. Reads only.</summary>
public sealed class CheckSourceDeletion(SourceDeletionGate gate)
{
    [Function(nameof(CheckSourceDeletion))]
    public async Task<OperationError?> RunAsync([ActivityTrigger] DeletionState deletion, CancellationToken cancellation)
    {
        try
        {
            await gate.CheckAsync(deletion, cancellation);
            return null;
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
