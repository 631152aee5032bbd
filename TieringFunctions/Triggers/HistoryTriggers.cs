using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Triggers;

/// <summary>Everything that ever happened to a project, in one view.</summary>
public sealed class HistoryTriggers(ICatalogue catalogue, IProjectRegister register, IManifestStore manifests, ICertificateStore certificates, IAudit audit)
{
    private const int AuditEntries = 1000;

    [Function("project-history")]
    [Query("limit", "continuation")]
    public async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/projects/{slug}/history")] HttpRequest request,
        string slug,
        CancellationToken cancellation)
    {
        ProjectSlug project = DataParameters.Slug(slug);
        OperationPage page = await catalogue.ListOperationsAsync(
            new OperationQuery(project, Limit: ApiRequest.Limit(request), Continuation: ApiRequest.Query(request, "continuation")), cancellation);
        Project? found = await catalogue.FindProjectAsync(project, cancellation);
        AuditPage entries = await audit.ListAsync(new AuditQuery(project.Value, Limit: AuditEntries), cancellation);
        if (found is null && page.Operations.Count == 0 && entries.Entries.Count == 0)
            throw new ProjectUnknownException(project); // one that was removed still has a history
        List<OperationHistory> operations = [];
        foreach (LifecycleOperation operation in page.Operations)
            operations.Add(await OfAsync(operation, cancellation));
        return ApiAnswers.Ok(new ProjectHistory(
            project, found, await register.ListRunsAsync(project, cancellation), operations, page.Continuation, entries.Entries, entries.Continuation));
    }

    private async Task<OperationHistory> OfAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        KeptManifest? manifest = await manifests.FindAsync(operation.Key, cancellation);
        bool certified = operation.Status == OperationStatus.Succeeded && await certificates.FindAsync(operation.Key, cancellation) is not null;
        return new OperationHistory(
            OperationView.Of(operation, await catalogue.FindDeletionAsync(operation.Key, cancellation)),
            manifest is null ? null : new ManifestView(manifest.Name, manifest.Proved),
            certified ? $"/api/operations/{operation.Key.Id:D}/certificate?project={Uri.EscapeDataString(operation.Key.Project.Value)}&type={operation.Key.Type.ToString().ToUpperInvariant()}" : null);
    }
}

/// <param name="Slug">The project.</param>
/// <param name="Project">As the catalogue has it; null when it was removed, or is the client's.</param>
/// <param name="Runs">Its runs.</param>
/// <param name="Operations">One page of its operations, newest first, each with the check that it passed, its manifest, certificate and source deletion.</param>
/// <param name="Continuation">Asks for the next page of operations; null on the last.</param>
/// <param name="Audit">The newest entries of its audit.</param>
/// <param name="AuditContinuation">Where <c>/api/audit</c> goes on; null when these are all.</param>
public sealed record ProjectHistory(
    ProjectSlug Slug,
    Project? Project,
    IReadOnlyList<ProjectRun> Runs,
    IReadOnlyList<OperationHistory> Operations,
    string? Continuation,
    IReadOnlyList<AuditEntry> Audit,
    string? AuditContinuation);

/// <param name="Operation">The operation with the deletion of its source.</param>
/// <param name="Manifest">What is kept of what it moved; null for nothing.</param>
/// <param name="Certificate">Where its custody certificate is; null without one.</param>
public sealed record OperationHistory(OperationView Operation, ManifestView? Manifest, string? Certificate);

/// <param name="Name">Its name in the store.</param>
/// <param name="Proved">Whether both sides were proved to hold exactly this.</param>
public sealed record ManifestView(string Name, bool Proved);
