using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>The projects of Tiering's own catalogue.</summary>
public sealed class ProjectTriggers(ICatalogue catalogue, IProjectRegister register)
{
    [Function("project-list")]
    [Query("after", "limit")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/projects")] HttpRequest request,
        CancellationToken cancellation)
    {
        int limit = ApiRequest.Limit(request);
        IReadOnlyList<Project> projects = await catalogue.ListProjectsAsync(ApiRequest.QuerySlug(request, "after"), limit, cancellation);
        return ApiAnswers.Ok(new Page<Project>(projects, projects.Count == limit ? projects[^1].Slug.Value : null));
    }

    [Function("project-add")]
    [Query(Action = AuditActions.ProjectAdd)]
    public async Task<IResult> AddAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/projects")] HttpRequest request,
        CancellationToken cancellation)
    {
        ApiRequest body = await ApiRequest.ReadAsync(request, RegistrationFields.Names, cancellation);
        new RequestFacts(AuditActions.ProjectAdd, body.Text("slug")).Note(request);
        Registered registered = (await register.RegisterAsync([RegistrationFields.Read(body.Fields)], dryRun: false, request.Caller(), cancellation))[0];
        return registered.Refusal is { } refusal ? throw refusal : ApiAnswers.Json(registered.Project, StatusCodes.Status201Created);
    }

    [Function("project-show")]
    public async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/projects/{slug}")] HttpRequest request,
        string slug,
        CancellationToken cancellation) => ApiAnswers.Ok(await FindAsync(slug, cancellation));

    [Function("project-remove")]
    [Query(Action = AuditActions.ProjectRemove)]
    public async Task<IResult> RemoveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/projects/{slug}")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        new RequestFacts(AuditActions.ProjectRemove, slug).Note(request);
        Project project = await FindAsync(slug, cancellation);
        await catalogue.RemoveProjectAsync(project.Slug, request.Caller(), cancellation);
        return TypedResults.NoContent();
    }

    private async Task<Project> FindAsync(string slug, CancellationToken cancellation)
    {
        ProjectSlug parsed = DataParameters.Slug(slug);
        return await catalogue.FindProjectAsync(parsed, cancellation) ?? throw new ProjectUnknownException(parsed);
    }
}
