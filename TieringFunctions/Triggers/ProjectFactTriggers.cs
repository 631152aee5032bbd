using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>What decides when a project may go cool: its runs and its pin; and whether it may be written to.</summary>
public sealed class ProjectFactTriggers(ICatalogue catalogue, IProjectRegister register)
{
    [Function("run-list")]
    public async Task<IResult> ListRunsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/projects/{slug}/runs")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        Project project = await FindAsync(slug, cancellation);
        return ApiAnswers.Ok(new Page<ProjectRun>(await register.ListRunsAsync(project.Slug, cancellation), Continuation: null));
    }

    [Function("run-put")]
    [Query(Action = AuditActions.RunPut)]
    public async Task<IResult> PutRunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/projects/{slug}/runs/{run}")] HttpRequest request,
        string slug,
        string run,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.RunPut, slug).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["start", "end", "embargo"], cancellation);
        return ApiAnswers.Ok(await register.PutRunAsync(
            DataParameters.Slug(slug), RegistrationFields.Run(body.Fields, Decoded(run)), request.Caller(), cancellation));
    }

    [Function("run-remove")]
    [Query(Action = AuditActions.RunRemove)]
    public async Task<IResult> RemoveRunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/projects/{slug}/runs/{run}")] HttpRequest request,
        string slug,
        string run,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.RunRemove, slug).Note(request);
        return ApiAnswers.Ok(await register.RemoveRunAsync(DataParameters.Slug(slug), Decoded(run), request.Caller(), cancellation));
    }

    [Function("project-pin")]
    [Query(Action = AuditActions.Pin)]
    public async Task<IResult> PinAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/pin")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Pin, slug).Note(request);
        ApiRequest body = await ApiRequest.ReadAsync(request, ["until", "reason"], cancellation);
        string? reason = body.Text("reason") is { } text && text.Trim() is { Length: > 0 } given ? given : null;
        if (reason is { Length: > ProjectPin.MaxReasonLength })
            throw new InvalidFieldException("reason", $"must not have more than {ProjectPin.MaxReasonLength} characters");
        return ApiAnswers.Ok(await register.PinAsync(DataParameters.Slug(slug), body.Fields.Date("until"), reason, request.Caller(), cancellation));
    }

    [Function("project-unpin")]
    [Query(Action = AuditActions.Unpin)]
    public async Task<IResult> UnpinAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects/{slug}/unpin")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.Unpin, slug).Note(request);
        await ApiRequest.ReadAsync(request, [], cancellation);
        return ApiAnswers.Ok(await register.UnpinAsync(DataParameters.Slug(slug), request.Caller(), cancellation));
    }

    /// <summary>May I write? With <c>?enforce=true</c> the answer no is the error itself, for callers that look at the status only.</summary>
    [Function("project-writable")]
    [Query("enforce")]
    public async Task<IResult> WritableAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/projects/{slug}/writable")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        bool enforce = ApiRequest.Query(request, "enforce") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new InvalidFieldException("enforce", "must be true or false"),
        };
        Project project = await FindAsync(slug, cancellation);
        bool writable = project.State == LifecycleState.Hot;
        if (enforce)
            CatalogueRules.CheckWritable(project);
        return ApiAnswers.Ok(new WritableView(project.Slug, project.State, writable, writable ? null : ProjectImmutableException.Name));
    }

    /// <summary>The lifecycle of a project as Euphrosyne itself would tell it. Source: euphrosyne-contract.md, 7.1.</summary>
    [Function("project-lifecycle")]
    public async Task<IResult> LifecycleAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/data-management/projects/{slug}/lifecycle")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        Project project = await FindAsync(slug, cancellation);
        OperationPage last = await catalogue.ListOperationsAsync(new OperationQuery(project.Slug, Limit: 1), cancellation);
        return DataAnswers.Lifecycle(project.State, last.Operations is [LifecycleOperation operation] ? operation.Key : project.LastOperation);
    }

    /// <summary>The server leaves an encoded slash as it came.</summary>
    private static string Decoded(string run) => run.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private async Task<Project> FindAsync(string slug, CancellationToken cancellation)
    {
        ProjectSlug parsed = DataParameters.Slug(slug);
        return await catalogue.FindProjectAsync(parsed, cancellation) ?? throw new ProjectUnknownException(parsed);
    }
}

/// <param name="Project">The project.</param>
/// <param name="State">Its state.</param>
/// <param name="Writable">Whether it may be written to: only a HOT project may.</param>
/// <param name="Code">The error of a write that is tried all the same; null when it may be written to.</param>
public sealed record WritableView(ProjectSlug Project, LifecycleState State, bool Writable, string? Code);
