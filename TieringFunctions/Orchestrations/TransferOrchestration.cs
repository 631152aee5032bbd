using Tiering.Core.Lifecycle;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <summary>
/// Moves a project to its other storage role: slot, start, agent, watch, outcome. What it decides it reads from the catalogue and the
/// job folder; events only wake it early.
/// </summary>
public static class TransferOrchestration
{
    /// <summary>Wakes the orchestration: its job has changed, or somebody asked to cancel it.</summary>
    public const string JobChanged = "JobChanged";

    [Function(nameof(TransferOrchestration))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        TransferSteps transfer = new(context, context.GetInput<TransferState>()!);
        OperationError? error;
        try
        {
            if (await transfer.RunAsync() == TransferFlow.ContinueAsNew)
            {
                context.ContinueAsNew(transfer.State);
                return;
            }
            error = transfer.Error;
        }
        catch (TaskFailedException failure)
        {
            error = Retry.ErrorOf(failure, "orchestration-failed");
        }
        transfer.Show("finishing");
        await context.CallActivityAsync(nameof(FinishOperation), new FinishInput(transfer.State.Key, error), Retry.Forever);
    }
}
