using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>
/// Orchestrations as the task hub has them, for operators who must step in. What ends one from here leaves its operation to the
/// reconciler, which stops what still runs, records the outcome and gives the project free.
/// </summary>
public sealed class InstanceTriggers(IAudit audit, TimeProvider time)
{
    private const int LongestReason = 500;

    [Function("instance-list")]
    [Query("prefix", "status", "limit", "continuation")]
    public static async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/instances")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation)
    {
        InstanceStatus? status = ApiRequest.QueryEnum<InstanceStatus>(request, "status");
        OrchestrationQuery query = new(
            Statuses: status is { } wanted ? [Enum.Parse<OrchestrationRuntimeStatus>(wanted.ToString())] : null,
            InstanceIdPrefix: ApiRequest.Query(request, "prefix"),
            PageSize: ApiRequest.Limit(request),
            ContinuationToken: ApiRequest.Query(request, "continuation"));
        try
        {
            await foreach (var page in client.GetAllInstancesAsync(query).AsPages().WithCancellation(cancellation))
                return ApiAnswers.Ok(new Page<InstanceView>([.. page.Values.Select(InstanceView.Of)], page.ContinuationToken));
        }
        catch (ArgumentException) when (query.ContinuationToken is not null)
        {
            throw new InvalidFieldException("continuation", "must be what the page before gave");
        }
        return ApiAnswers.Ok(new Page<InstanceView>([], Continuation: null));
    }

    [Function("instance-show")]
    public static async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/instances/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation) => ApiAnswers.Ok(InstanceView.Of(await FindAsync(client, id, cancellation)));

    [Function("instance-terminate")]
    [Query(Action = AuditActions.InstanceTerminate)]
    public Task<IResult> TerminateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/instances/{id}/terminate")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation) =>
        SteerAsync(request, client, id, AuditActions.InstanceTerminate, reason => client.TerminateInstanceAsync(id, new TerminateInstanceOptions(reason), cancellation), cancellation);

    [Function("instance-suspend")]
    [Query(Action = AuditActions.InstanceSuspend)]
    public Task<IResult> SuspendAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/instances/{id}/suspend")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation) =>
        SteerAsync(request, client, id, AuditActions.InstanceSuspend, reason => client.SuspendInstanceAsync(id, reason, cancellation), cancellation);

    [Function("instance-resume")]
    [Query(Action = AuditActions.InstanceResume)]
    public Task<IResult> ResumeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/instances/{id}/resume")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation) =>
        SteerAsync(request, client, id, AuditActions.InstanceResume, reason => client.ResumeInstanceAsync(id, reason, cancellation), cancellation);

    /// <summary>Removes an ended instance with its history; one that lives must be terminated first.</summary>
    [Function("instance-purge")]
    [Query(Action = AuditActions.InstancePurge)]
    public async Task<IResult> PurgeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/instances/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.InstancePurge, Project: null).Note(request);
        if (!HasEnded(await FindAsync(client, id, cancellation)))
            throw new InstanceLiveException(id);
        await RecordAsync(request, AuditActions.InstancePurge, id, reason: null, cancellation);
        await client.PurgeInstanceAsync(id, cancellation);
        return TypedResults.NoContent();
    }

    private async Task<IResult> SteerAsync(
        HttpRequest request, DurableTaskClient client, string id, string action, Func<string?, Task> steer, CancellationToken cancellation)
    {
        new RequestFacts(action, Project: null).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["reason"], cancellation);
        string? reason = body.Text("reason") is not { } text || text.Length <= LongestReason
            ? body.Text("reason")
            : throw new InvalidFieldException("reason", $"must not be longer than {LongestReason} characters");
        OrchestrationMetadata instance = await FindAsync(client, id, cancellation);
        if (HasEnded(instance))
            throw new InstanceEndedException(id, InstanceView.StatusOf(instance.RuntimeStatus));
        await RecordAsync(request, action, id, reason, cancellation);
        await steer(reason);
        return ApiAnswers.Accepted(InstanceView.Of(instance));
    }

    private Task RecordAsync(HttpRequest request, string action, string id, string? reason, CancellationToken cancellation)
    {
        Caller caller = request.Caller();
        AuditEntry entry = new(time.GetUtcNow(), caller.Name, action, AuditOutcomes.Accepted)
        {
            From = caller.From,
            Detail = reason is null ? id : $"{id}: {reason}",
        };
        return audit.RecordAsync(entry, cancellation);
    }

    private static async Task<OrchestrationMetadata> FindAsync(DurableTaskClient client, string id, CancellationToken cancellation) =>
        await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellation) ?? throw new InstanceUnknownException(id);

    private static bool HasEnded(OrchestrationMetadata instance) =>
        InstanceView.StatusOf(instance.RuntimeStatus) is InstanceStatus.Completed or InstanceStatus.Failed or InstanceStatus.Terminated;
}
