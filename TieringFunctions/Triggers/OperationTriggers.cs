using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>What was asked for, how far it is, and how it ended.</summary>
public sealed class OperationTriggers(
    ICatalogue catalogue, ICertificateStore certificates, IJobFolders jobs, OperationIntake intake, IOperationStarter starter, IAudit audit, TimeProvider time)
{
    [Function("operation-list")]
    [Query("project", "status", "limit", "continuation")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/operations")] HttpRequest request,
        CancellationToken cancellation)
    {
        OperationQuery query = new(
            ApiRequest.QuerySlug(request, "project"),
            ApiRequest.QueryEnum<OperationStatus>(request, "status"),
            ApiRequest.Limit(request),
            ApiRequest.Query(request, "continuation"));
        OperationPage page = await catalogue.ListOperationsAsync(query, cancellation);
        return ApiAnswers.Ok(new Page<OperationView>([.. page.Operations.Select(operation => OperationView.Of(operation))], page.Continuation));
    }

    [Function("operation-show")]
    [Query("project", "type")]
    public async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/operations/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellation)
    {
        LifecycleOperation operation = await FindAsync(request, id, cancellation);
        OperationView view = OperationView.Of(operation, await catalogue.FindDeletionAsync(operation.Key, cancellation));
        if (operation.Status == OperationStatus.Running)
            view = view with { Progress = ProgressView.Of((await jobs.ReadAsync(operation.Key.InstanceId, cancellation)).Progress, time.GetUtcNow()) };
        return ApiAnswers.Ok(view);
    }

    /// <summary>The custody certificate, byte for byte as it was signed.</summary>
    [Function("operation-certificate")]
    [Query("project", "type")]
    public async Task<IResult> ShowCertificateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/operations/{id}/certificate")] HttpRequest request,
        string id,
        CancellationToken cancellation)
    {
        LifecycleOperation operation = await FindAsync(request, id, cancellation);
        byte[]? certificate = operation.Status == OperationStatus.Succeeded ? await certificates.FindAsync(operation.Key, cancellation) : null;
        return TypedResults.Bytes(certificate ?? throw new CertificateMissingException(operation), "application/json");
    }

    /// <summary>Tries a failed operation again: a new one, of the same type.</summary>
    [Function("operation-retry")]
    [Query("project", "type", Action = AuditActions.Operation)]
    public async Task<IResult> RetryAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/retry")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation)
    {
        LifecycleOperation failed = await FindAsync(request, id, cancellation);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["operationId", "proof", "force", "ignoreCost", "takeOver"], cancellation);
        OperationKey key = failed.Key with { Id = body.OperationId() ?? Guid.NewGuid() };
        new RequestFacts(AuditActions.Operation, key.Project.Value, key.Type, key.Id).Note(request);
        if (failed.Status != OperationStatus.Failed)
            throw new OperationNotFailedException(failed.Key.Id);
        if (key.Id == failed.Key.Id)
            throw new InvalidFieldException("operationId", "must be a new id: the failed operation keeps its own");
        bool takeOver = body.Fields.Flag("takeOver");
        if (takeOver && key.Type != OperationType.Cool)
            throw new InvalidFieldException("takeOver", "is for a COOL: what lies in HOT is somebody's work, and only they can give it up");
        OperationRequest again = request.Caller().Asking(key) with
        {
            RetryOf = failed.Key.Id,
            Proof = body.Proof() ?? failed.RequestedProof,
            Eligibility = body.Fields.Flag("force") ? EligibilityCheck.Forced : EligibilityCheck.Enforced,
            IgnoreCost = failed.IgnoreCost || body.Fields.Flag("ignoreCost"),
            TakeOver = takeOver,
        };
        return ApiAnswers.Accepted(OperationView.Of(await intake.AcceptAsync(client, again, cancellation)));
    }

    [Function("operation-cancel")]
    [Query("project", "type", Action = AuditActions.OperationCancel)]
    public async Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/cancel")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string id,
        CancellationToken cancellation)
    {
        LifecycleOperation operation = await FindAsync(request, id, cancellation);
        OperationKey key = operation.Key;
        new RequestFacts(AuditActions.OperationCancel, key.Project.Value, key.Type, key.Id).Note(request);
        if (operation.IsTerminal)
            throw new OperationTerminalException(operation);
        Caller caller = request.Caller();
        AuditEntry entry = new(time.GetUtcNow(), caller.Name, AuditActions.OperationCancel, AuditOutcomes.Accepted)
        {
            From = caller.From,
            Project = key.Project.Value,
            Type = key.Type,
            Operation = key.Id,
        };
        await audit.RecordAsync(entry, cancellation);
        await starter.EnsureStartedAsync(client, key, cancellation); // it may have been recorded and not started yet: there would be nobody to tell
        await starter.RequestCancelAsync(client, key, cancellation);
        return ApiAnswers.Accepted(OperationView.Of(operation));
    }

    /// <summary>The operation of this id; where a caller used it more than once, <c>project</c> and <c>type</c> say which.</summary>
    private async Task<LifecycleOperation> FindAsync(HttpRequest request, string id, CancellationToken cancellation)
    {
        Guid parsed = ApiRequest.Id("id", id);
        ProjectSlug? project = ApiRequest.QuerySlug(request, "project");
        OperationType? type = ApiRequest.QueryEnum<OperationType>(request, "type");
        List<LifecycleOperation> all = [.. (await catalogue.FindOperationsAsync(parsed, cancellation))
            .Where(operation => (project is null || operation.Key.Project == project) && (type is null || operation.Key.Type == type))];
        return all.Count switch
        {
            0 => throw new OperationIdUnknownException(parsed),
            1 => all[0],
            _ => throw new OperationAmbiguousException(parsed),
        };
    }
}
