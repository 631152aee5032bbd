using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Euphrosyne;

namespace Tiering.Functions.Triggers;

/// <summary>Euphrosyne's contract: COOL, RESTORE, their status, and the deletion of a source. Source: euphrosyne-contract.md, chapter 6.</summary>
public sealed class DataTriggers(ICatalogue catalogue, OperationIntake intake, AnswersUnderWay answers)
{
    [Function("data-cool")]
    public Task<IResult> CoolAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "data/projects/{slug}/cool")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation) => AcceptAsync(request, client, slug, OperationType.Cool, cancellation);

    [Function("data-restore")]
    public Task<IResult> RestoreAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "data/projects/{slug}/restore")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation) => AcceptAsync(request, client, slug, OperationType.Restore, cancellation);

    [Function("data-cool-show")]
    public Task<IResult> ShowCoolAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "data/projects/{slug}/cool/{id}")] HttpRequest request,
        string slug,
        string id,
        CancellationToken cancellation) => ShowAsync(request, slug, OperationType.Cool, id, cancellation);

    [Function("data-restore-show")]
    public Task<IResult> ShowRestoreAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "data/projects/{slug}/restore/{id}")] HttpRequest request,
        string slug,
        string id,
        CancellationToken cancellation) => ShowAsync(request, slug, OperationType.Restore, id, cancellation);

    [Function("data-delete")]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "data/projects/{slug}/delete/{role}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        string role,
        CancellationToken cancellation)
    {
        DataPaths.Check(request);
        new RequestFacts(AuditActions.SourceDeletion, slug).Note(request);
        DataParameters parameters = new(request);
        StorageRole side = parameters.PathRole("storage_role", role);
        Guid id = parameters.QueryId("operation_id");
        DataSize expected = new(parameters.QueryCount("file_count"), parameters.QueryCount("total_size"));
        parameters.Check();
        OperationKey key = new(DataPaths.Slug(request, slug), side == StorageRole.Hot ? OperationType.Cool : OperationType.Restore, id);
        await intake.DeleteAsync(client, request.Caller(), key, expected, cancellation);
        return DataAnswers.DeletionAccepted(key);
    }

    private async Task<IResult> AcceptAsync(HttpRequest request, DurableTaskClient client, string slug, OperationType type, CancellationToken cancellation)
    {
        DataPaths.Check(request);
        new RequestFacts(AuditActions.Operation, slug, type).Note(request);
        DataParameters parameters = new(request);
        Guid id = parameters.QueryId("operation_id");
        parameters.Check();
        OperationKey key = new(DataPaths.Slug(request, slug), type, id);
        answers.Begin(key, request.HttpContext.Response);
        await intake.AcceptAsync(client, request.Caller().Asking(key) with { Eligibility = EligibilityCheck.Enforced }, cancellation);
        return DataAnswers.Accepted(key);
    }

    private async Task<IResult> ShowAsync(HttpRequest request, string slug, OperationType type, string id, CancellationToken cancellation)
    {
        DataPaths.Check(request);
        DataParameters parameters = new(request);
        Guid parsed = parameters.PathId("operation_id", id);
        parameters.Check();
        OperationKey key = new(DataPaths.Slug(request, slug), type, parsed);
        return DataAnswers.Show(await catalogue.FindOperationAsync(key, cancellation) ?? throw new OperationUnknownException(key));
    }
}
