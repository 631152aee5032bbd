using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <param name="Key">The operation whose source is deleted.</param>
/// <param name="Generation">Which request it is, from 1.</param>
public sealed record DeletionState(OperationKey Key, int Generation)
{
    /// <summary>How far the proof of an operation that Tiering did not make has come; null before it, and after it.</summary>
    public ProofReach? Proof { get; init; }
}

/// <summary>
/// Deletes what a verified operation copied from: checks, removes piece by piece, proves that nothing is left, tells. An operation that
/// Tiering did not make is proved first, piece by piece as well.
/// </summary>
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
            for (int piece = 0; error is null || IsProofWanted(error); piece++)
            {
                if (piece == PiecesPerGeneration)
                {
                    context.ContinueAsNew(state); // what is left is checked again: that is no loss
                    return;
                }
                if (error is not null)
                {
                    (state, error) = await ProveAsync(context, state, error);
                    continue;
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

    private static bool IsProofWanted(OperationError error) => error.Code == CheckSourceDeletion.ProofWanted;

    /// <summary>One piece; after the last one everything is checked again, against the manifest that it has left.</summary>
    /// <returns>The state behind it, and what stands in the way then: perhaps more of the proof.</returns>
    private static async Task<(DeletionState State, OperationError? Error)> ProveAsync(TaskOrchestrationContext context, DeletionState state, OperationError wanted)
    {
        context.SetCustomStatus(state.Proof is { } proof
            ? FormattableString.Invariant($"proving: {proof.Proved.Files} of {proof.Total.Files} files, {proof.Proved.Bytes} of {proof.Total.Bytes} bytes")
            : "proving");
        ProofStep step = await context.CallActivityAsync<ProofStep>(nameof(ProveSource), state, Retry.Transient);
        state = state with { Proof = step.Reached };
        if (step.Error is not null || step.Reached is not null)
            return (state, step.Error ?? wanted);
        context.SetCustomStatus("checking");
        return (state, await context.CallActivityAsync<OperationError?>(nameof(CheckSourceDeletion), state, Retry.Transient));
    }
}
