using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Sqlite;

/// <summary>Runs, pins and dates, in the catalogue's file.</summary>
public sealed class SqliteProjectRegister(SqliteDatabase database, TimeProvider time, LocalZone zone) : IProjectRegister
{
    private const int MaxAtOnce = 1000;
    private const string ZoneFact = "time-zone";

    public Task<IReadOnlyList<Registered>> RegisterAsync(
        IReadOnlyList<ProjectRegistration> registrations, bool dryRun, Caller caller, CancellationToken cancellation)
    {
        Limit.Check(registrations.Count, MaxAtOnce);
        return WriteAsync<IReadOnlyList<Registered>>(
            (catalogue, connection) =>
            {
                connection.Execute("SAVEPOINT registration");
                List<Registered> results = [.. registrations.Select(registration => registration.Fault() is { } fault
                    ? new Registered(RegistrationResult.Refused, Project: null, fault)
                    : catalogue.Register(registration, caller))];
                connection.Execute(dryRun ? "ROLLBACK TO registration; RELEASE registration" : "RELEASE registration");
                return results;
            },
            cancellation);
    }

    public Task<IReadOnlyList<ProjectRun>> ListRunsAsync(ProjectSlug project, CancellationToken cancellation) =>
        database.ReadAsync(connection => Session(connection).ListRuns(project), cancellation);

    public Task<Project> PutRunAsync(ProjectSlug project, ProjectRun run, Caller caller, CancellationToken cancellation) =>
        run.Fault() is { } fault ? Task.FromException<Project>(new InvalidFieldException(fault.Field, fault.Rule)) : ChangeAsync(
            project,
            (catalogue, found) =>
            {
                if (catalogue.FindRun(project, run.Id) == run)
                    return;
                CatalogueRules.CheckWritable(found);
                catalogue.Put(project, run);
                catalogue.Audit(caller, AuditActions.RunPut, AuditOutcomes.Accepted, project, Text.Json(run));
            },
            cancellation);

    public Task<Project> RemoveRunAsync(ProjectSlug project, string run, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        (catalogue, found) =>
        {
            if (catalogue.FindRun(project, run) is not { } removed)
                return;
            CatalogueRules.CheckWritable(found);
            catalogue.RemoveRun(project, run);
            catalogue.Audit(caller, AuditActions.RunRemove, AuditOutcomes.Accepted, project, Text.Json(removed));
        },
        cancellation);

    public Task<Project> PinAsync(ProjectSlug project, DateOnly? until, string? reason, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        (catalogue, found) =>
        {
            if (found.Pin is { } pin && pin.Until == until && pin.Reason == reason)
                return;
            catalogue.Pin(project, new ProjectPin(caller.Name, time.GetUtcNow()) { Until = until, Reason = reason });
            string detail = $"{(until is { } day ? $"until {Text.Of(day)}" : "without an end")}{(reason is null ? "" : $": {reason}")}";
            catalogue.Audit(caller, AuditActions.Pin, AuditOutcomes.Accepted, project, detail);
        },
        cancellation);

    public Task<Project> UnpinAsync(ProjectSlug project, Caller caller, CancellationToken cancellation) => ChangeAsync(
        project,
        (catalogue, found) =>
        {
            if (found.Pin is null)
                return;
            catalogue.Pin(project, pin: null);
            catalogue.Audit(caller, AuditActions.Unpin, AuditOutcomes.Accepted, project);
        },
        cancellation);

    /// <summary>
    /// Computes every project's date anew when they were computed for another zone, or not yet: in steps, so that others can write in
    /// between. The zone is noted after the last step; a start that was killed begins again.
    /// </summary>
    /// <param name="step">Projects in one commit.</param>
    /// <param name="cancellation">Gives up between two steps.</param>
    public async Task SettleAllAsync(int step, CancellationToken cancellation)
    {
        if (await database.ReadAsync(connection => Facts.Find(connection, ZoneFact), cancellation) == zone.Id)
            return;
        for (ProjectSlug? after = null; ;)
        {
            ProjectSlug? from = after;
            IReadOnlyList<Project> settled = await WriteAsync<IReadOnlyList<Project>>(
                (catalogue, _) => [.. catalogue.ListProjects(from, step).Select(project => catalogue.Settle(project.Slug))], cancellation);
            if (settled.Count < step)
                break;
            after = settled[^1].Slug;
        }
        await WriteAsync((_, connection) => Facts.Put(connection, ZoneFact, zone.Id), cancellation);
    }

    private Task<Project> ChangeAsync(ProjectSlug project, Action<CatalogueSession, Project> change, CancellationToken cancellation) => WriteAsync(
        (catalogue, _) =>
        {
            change(catalogue, catalogue.FindProject(project) ?? throw new ProjectUnknownException(project));
            return catalogue.Settle(project);
        },
        cancellation);

    private Task<T> WriteAsync<T>(Func<CatalogueSession, SqliteConnection, T> write, CancellationToken cancellation) =>
        database.WriteAsync(connection => write(Session(connection), connection), cancellation);

    private CatalogueSession Session(SqliteConnection connection) => new(connection, time.GetUtcNow(), zone);
}

/// <summary>What the service remembers of itself, by name.</summary>
internal static class Facts
{
    public static string? Find(SqliteConnection connection, string name) =>
        connection.ExecuteScalar<string?>("SELECT value FROM facts WHERE name = @name", new { name });

    public static bool Put(SqliteConnection connection, string name, string value) => connection.Execute(
        "INSERT INTO facts (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { name, value }) > 0;
}
