using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <summary>Makes the plan of an operation that nobody has asked for yet; its output is the plan.</summary>
public static class PlanOrchestration
{
    [Function(nameof(PlanOrchestration))]
    public static async Task<PlanResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            return await context.CallActivityAsync<PlanResult>(nameof(MakePlan), context.GetInput<PlanInput>()!, Retry.Transient);
        }
        catch (TaskFailedException failure)
        {
            return new PlanResult(Plan: null, Retry.ErrorOf(failure, "plan-failed"));
        }
    }
}
