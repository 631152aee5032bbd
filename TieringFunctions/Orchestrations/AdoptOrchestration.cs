using Tiering.Core.Lifecycle;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <summary>Takes a baseline of a COOL project that Tiering did not make cool: from then on a RESTORE is proved against it.</summary>
public static class AdoptOrchestration
{
    [Function(nameof(AdoptOrchestration))]
    public static async Task<AdoptionResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await context.CallActivityAsync<AdoptionResult>(nameof(TakeBaseline), context.GetInput<ProjectSlug>(), Retry.Transient);
}
