using Tiering.Core.Lifecycle;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <param name="Key">The operation whose source is deleted.</param>
/// <param name="Generation">Which request it is, from 1.</param>
public sealed record DeletionState(OperationKey Key, int Generation);

/// <summary>Deletes what a verified operation copied from: checks, removes piece by piece, proves that nothing is left, tells.</summary>
public static class SourceDeletionOrchestration
{
    private const int PiecesPerGeneration = 100;

    [Function(nameof(SourceDeletionOrchestration))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        DeletionState state = context.GetInput<DeletionState>()!;
        OperationError? error;
        try
        {
            context.SetCustomStatus("checking");
            error = await context.CallActivityAsync<OperationError?>(nameof(CheckSourceDeletion), state, Retry.Transient);
            for (int piece = 0; error is null; piece++)
            {
                if (piece == PiecesPerGeneration)
                {
                    context.ContinueAsNew(state); // what is left is checked again: that is no loss
                    return;
                }
                context.SetCustomStatus("removing");
                RemovalStep step = await context.CallActivityAsync<RemovalStep>(nameof(RemoveSource), state, Retry.Transient);
                error = step.Error;
                if (step.Done)
                    break;
            }
        }
        catch (TaskFailedException failure)
        {
            error = Retry.ErrorOf(failure, "deletion-failed");
        }
        await context.CallActivityAsync(nameof(FinishSourceDeletion), new DeletionEnd(state, error), Retry.Forever);
    }
}
