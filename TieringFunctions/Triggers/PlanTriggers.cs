using Microsoft.AspNetCore.Http;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Activities;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>Plans: what an operation would do. They are asked for like the operation itself, with <c>dry_run=true</c>.</summary>
public sealed class PlanTriggers
{
    [Function("plan-show")]
    public static async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/plans/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation)
    {
        Guid parsed = ApiRequest.Id("id", id);
        return ApiAnswers.Ok(await FindAsync(client, parsed, cancellation) ?? throw new PlanUnknownException(parsed));
    }

    /// <summary>The plan of this id; null when there is none.</summary>
    internal static async Task<PlanView?> FindAsync(DurableTaskClient client, Guid id, CancellationToken cancellation)
    {
        if (await client.GetInstanceAsync(OperationStarter.PlanInstanceOf(id), getInputsAndOutputs: true, cancellation) is not { } instance)
            return null;
        OperationKey key = instance.ReadInputAs<PlanInput>()!.Request.Key;
        PlanView view = new(id, key.Project, key.Type, PlanStatus.Running);
        if (!instance.IsCompleted)
            return view;
        PlanResult? result = instance.RuntimeStatus == OrchestrationRuntimeStatus.Completed ? instance.ReadOutputAs<PlanResult>() : null;
        return result?.Plan is { } plan
            ? view with { Status = PlanStatus.Ready, Plan = plan }
            : view with { Status = PlanStatus.Failed, Error = result?.Error ?? new OperationError("plan-failed", "The plan was ended before it was made.") };
    }
}
