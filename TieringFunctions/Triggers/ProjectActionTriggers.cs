using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Triggers;

/// <summary>What can be asked for a project. Every call may be repeated under its id.</summary>
public sealed class ProjectActionTriggers(
    ICatalogue catalogue, OperationIntake intake, IOperationStarter starter, IProjectDataProbe probe, IAudit audit, TimeProvider time)
{
    [Function("project-cool")]
    [Query("dry_run", Action = AuditActions.Operation)]
    public Task<IResult> CoolAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/cool")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation) => AcceptAsync(request, client, slug, OperationType.Cool, cancellation);

    [Function("project-restore")]
    [Query("dry_run", Action = AuditActions.Operation)]
    public Task<IResult> RestoreAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/restore")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation) => AcceptAsync(request, client, slug, OperationType.Restore, cancellation);

    /// <summary>Deletes the source of the operation that <c>operationId</c> names, or else of the project's last one that succeeded.</summary>
    [Function("project-delete-source")]
    [Query(Action = AuditActions.SourceDeletion)]
    public async Task<IResult> DeleteSourceAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/delete-source")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.SourceDeletion, slug).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["operationId"], cancellation);
        ProjectSlug project = DataParameters.Slug(slug);
        Guid? id = body.Text("operationId") is { } text ? ApiRequest.Id("operationId", text) : null;
        LifecycleOperation operation = await FinishedAsync(project, id, cancellation);
        new RequestFacts(AuditActions.SourceDeletion, slug, operation.Key.Type, operation.Key.Id).Note(request);
        SourceDeletion deletion = await intake.DeleteAsync(client, request.Caller(), operation.Key, expected: null, cancellation);
        return ApiAnswers.Accepted(OperationView.Of(operation, deletion));
    }

    [Function("project-adopt")]
    [Query(Action = AuditActions.Adoption)]
    public async Task<IResult> AdoptAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/adopt")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string slug,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Adoption, slug).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["operationId"], cancellation);
        Guid id = body.OperationId() ?? Guid.NewGuid();
        Project project = await FindAsync(DataParameters.Slug(slug), cancellation);
        if (project.Claim is { } holder)
            throw new ProjectBusyException(project.Slug, holder);
        if (project.State != LifecycleState.Cool)
            throw new AdoptionRefusedException(project);
        Caller caller = request.Caller();
        AuditEntry entry = new(time.GetUtcNow(), caller.Name, AuditActions.Adoption, AuditOutcomes.Accepted) { From = caller.From, Project = slug, Operation = id };
        await audit.RecordAsync(entry, cancellation);
        await starter.EnsureAdoptionStartedAsync(client, project.Slug, id, cancellation);
        return ApiAnswers.Accepted(new { Id = id, Project = project.Slug, Status = "ACCEPTED" });
    }

    private async Task<IResult> AcceptAsync(HttpRequest request, DurableTaskClient client, string slug, OperationType type, CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Operation, slug, type).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, type == OperationType.Cool ? ["operationId", "proof", "force", "ignoreCost"] : ["operationId", "proof"], cancellation);
        OperationKey key = new(DataParameters.Slug(slug), type, body.OperationId() ?? Guid.NewGuid());
        new RequestFacts(AuditActions.Operation, slug, type, key.Id).Note(request);
        OperationRequest asked = request.Caller().Asking(key) with
        {
            Proof = body.Proof(),
            Eligibility = body.Fields.Flag("force") ? EligibilityCheck.Forced : EligibilityCheck.Enforced,
            IgnoreCost = body.Fields.Flag("ignoreCost"),
        };
        if (ApiRequest.QueryFlag(request, "dry_run"))
            return ApiAnswers.Accepted(await PlanAsync(client, asked, cancellation));
        if (await catalogue.FindOperationAsync(key, cancellation) is null)
        {
            await FindAsync(key.Project, cancellation); // an unknown project is told as such, not as one without data
            await probe.CheckAsync(key.Project, key.SourceRole, cancellation);
        }
        return ApiAnswers.Accepted(OperationView.Of(await intake.AcceptAsync(client, asked, cancellation)));
    }

    /// <summary>Has a plan made of what is asked for, which nobody is going to do.</summary>
    private async Task<PlanView> PlanAsync(DurableTaskClient client, OperationRequest asked, CancellationToken cancellation)
    {
        await starter.EnsurePlanStartedAsync(client, asked, cancellation);
        PlanView view = await PlanTriggers.FindAsync(client, asked.Key.Id, cancellation)
            ?? new PlanView(asked.Key.Id, asked.Key.Project, asked.Key.Type, PlanStatus.Running);
        return view.Project == asked.Key.Project && view.Type == asked.Key.Type
            ? view
            : throw new InvalidFieldException("operationId", "names a plan for another project or type");
    }

    private async Task<Project> FindAsync(ProjectSlug slug, CancellationToken cancellation) =>
        await catalogue.FindProjectAsync(slug, cancellation) ?? throw new ProjectUnknownException(slug);

    private async Task<LifecycleOperation> FinishedAsync(ProjectSlug project, Guid? id, CancellationToken cancellation)
    {
        await FindAsync(project, cancellation);
        if (id is { } named)
        {
            IReadOnlyList<LifecycleOperation> all = [.. (await catalogue.FindOperationsAsync(named, cancellation)).Where(operation => operation.Key.Project == project)];
            return all.Count switch
            {
                0 => throw new OperationUnknownException(new OperationKey(project, OperationType.Cool, named)),
                1 => all[0],
                _ => throw new OperationAmbiguousException(named),
            };
        }
        OperationPage last = await catalogue.ListOperationsAsync(new OperationQuery(project, OperationStatus.Succeeded, Limit: 1), cancellation);
        return last.Operations is [LifecycleOperation operation] ? operation : throw new NothingToDeleteException(project);
    }
}
