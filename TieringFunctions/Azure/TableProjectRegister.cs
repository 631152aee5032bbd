using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>
/// Runs, pins and dates, in the catalogue's tables. Each project is a commit of its own: a registration of many that is cut off has registered
/// some of them, and its repeat the others.
/// </summary>
public sealed class TableProjectRegister(TableStorage storage, LocalZone zone) : IProjectRegister
{
    private const int MaxAtOnce = 1000;
    private const int ProjectsAtOnce = 16;
    private const string ZoneFact = "time-zone";

    public async Task<IReadOnlyList<Registered>> RegisterAsync(
        IReadOnlyList<ProjectRegistration> registrations, bool dryRun, Caller caller, CancellationToken cancellation)
    {
        Limit.Check(registrations.Count, MaxAtOnce);
        Registered[] results = new Registered[registrations.Count];
        // One after the other where they name the same project: the later one completes the earlier.
        var projects = registrations.Select((registration, index) => (registration, index)).GroupBy(pair => pair.registration.Slug);
        await Parallel.ForEachAsync(projects, new ParallelOptions { MaxDegreeOfParallelism = ProjectsAtOnce, CancellationToken = cancellation }, async (project, stop) =>
        {
            if (dryRun)
            {
                await storage.TryOutAsync(project.Key.Hash, async rows => await RegisterAllAsync(Change(rows, project.Key)), stop);
                return;
            }
            await storage.ChangeAsync(project.Key.Hash, async rows => await RegisterAllAsync(Change(rows, project.Key)), stop);

            async Task<bool> RegisterAllAsync(CatalogueChange change)
            {
                foreach ((ProjectRegistration registration, int index) in project)
                    results[index] = registration.Fault() is { } fault ? new Registered(RegistrationResult.Refused, Project: null, fault) : await change.RegisterAsync(registration, caller);
                return true;
            }
        });
        return results;
    }

    public async Task<IReadOnlyList<ProjectRun>> ListRunsAsync(ProjectSlug project, CancellationToken cancellation) =>
        await storage.Rows.FindAsync(project.Hash, CatalogueRows.ProjectKey, cancellation) is { } row ? CatalogueRows.RunsOf(row) : [];

    public Task<Project> PutRunAsync(ProjectSlug project, ProjectRun run, Caller caller, CancellationToken cancellation) =>
        run.Fault() is { } fault ? Task.FromException<Project>(new InvalidFieldException(fault.Field, fault.Rule)) : ChangeAsync(
            project,
            async (catalogue, found) =>
            {
                if (await catalogue.FindRunAsync(run.Id) == run)
                    return;
                CatalogueRules.CheckWritable(found);
                await catalogue.PutAsync(run);
                catalogue.Audit(caller, AuditActions.RunPut, AuditOutcomes.Accepted, Text.Json(run));
            },
            cancellation);

    public Task<Project> RemoveRunAsync(ProjectSlug project, string run, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        async (catalogue, found) =>
        {
            if (await catalogue.FindRunAsync(run) is not { } removed)
                return;
            CatalogueRules.CheckWritable(found);
            await catalogue.RemoveRunAsync(run);
            catalogue.Audit(caller, AuditActions.RunRemove, AuditOutcomes.Accepted, Text.Json(removed));
        },
        cancellation);

    public Task<Project> PinAsync(ProjectSlug project, DateOnly? until, string? reason, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        async (catalogue, found) =>
        {
            if (found.Pin is { } pin && pin.Until == until && pin.Reason == reason)
                return;
            await catalogue.PinAsync(new ProjectPin(caller.Name, storage.Time.GetUtcNow()) { Until = until, Reason = reason });
            string detail = $"{(until is { } day ? $"until {Text.Of(day)}" : "without an end")}{(reason is null ? "" : $": {reason}")}";
            catalogue.Audit(caller, AuditActions.Pin, AuditOutcomes.Accepted, detail);
        },
        cancellation);

    public Task<Project> UnpinAsync(ProjectSlug project, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        async (catalogue, found) =>
        {
            if (found.Pin is null)
                return;
            await catalogue.PinAsync(pin: null);
            catalogue.Audit(caller, AuditActions.Unpin, AuditOutcomes.Accepted);
        },
        cancellation);

    /// <summary>
    /// Computes every project's date anew when they were computed for another zone. The zone is noted after the last one; a start that was cut
    /// off begins again, and two at once do no harm.
    /// </summary>
    public async Task SettleAllAsync(CancellationToken cancellation)
    {
        if (await storage.Facts.FindAsync(ZoneFact, cancellation) == zone.Id)
            return;
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.Projects, "", ListEntry.End, MaxAtOnce, cancellation))
        {
            ProjectSlug slug = ProjectSlug.Parse(row.Text("Slug"));
            await storage.ChangeAsync(slug.Hash, async rows => await Change(rows, slug).FindProjectAsync() is null ? null : await Change(rows, slug).SettleAsync(), cancellation);
        }
        await storage.Facts.PutAsync(ZoneFact, zone.Id, cancellation);
    }

    private Task<Project> ChangeAsync(ProjectSlug project, Func<CatalogueChange, Project, Task> change, CancellationToken cancellation) => storage.ChangeAsync(
        project.Hash,
        async rows =>
        {
            CatalogueChange catalogue = Change(rows, project);
            await change(catalogue, await catalogue.FindProjectAsync() ?? throw new ProjectUnknownException(project));
            return await catalogue.SettleAsync();
        },
        cancellation);

    private CatalogueChange Change(PartitionChange rows, ProjectSlug slug) => new(rows, slug, storage.Sequence, storage.Time.GetUtcNow(), zone);
}
