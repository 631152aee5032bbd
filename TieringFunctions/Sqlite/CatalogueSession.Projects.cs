using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Sqlite;

/// <summary>Registration, runs, pins, and the date that follows from them.</summary>
internal sealed partial class CatalogueSession
{
    /// <summary>How a pin without an end stands in its column: after every date.</summary>
    private const string Never = "9999-12-31";

    /// <summary>Registers a project, or completes what is known of it.</summary>
    public Registered Register(ProjectRegistration registration, Caller caller)
    {
        ProjectSlug slug = registration.Slug;
        Project? known = FindProject(slug);
        if (known is not null && registration.State is { } state && state != known.State)
            return new Registered(RegistrationResult.Refused, known, new ProjectExistsException(slug, known.State));
        DateTimeOffset createdAt = registration.CreatedAt ?? known?.CreatedAt ?? now;
        Dictionary<string, ProjectRun> runs = known is null ? [] : ListRuns(slug).ToDictionary(run => run.Id, StringComparer.Ordinal);
        List<ProjectRun> news = [.. registration.Runs.Where(run => !runs.TryGetValue(run.Id, out ProjectRun? same) || same != run)];
        if (known is not null && news.Count == 0 && known.CreatedAt == createdAt)
            return new Registered(RegistrationResult.Same, known);

        news.ForEach(run => Put(slug, run));
        if (known is null)
            Insert(slug, registration.State ?? LifecycleState.Hot, createdAt);
        else
            connection.Execute("UPDATE projects SET created_at = @created WHERE slug = @slug", new { slug = slug.Value, created = Text.Of(createdAt) });
        Project project = Settle(slug);
        string detail = $"{project.State.ToString().ToUpperInvariant()}, eligible from {Text.Of(project.CoolingEligibleAt!.Value)} on";
        Audit(caller, known is null ? AuditActions.ProjectAdd : AuditActions.ProjectChange, AuditOutcomes.Accepted, slug, detail);
        return new Registered(known is null ? RegistrationResult.New : RegistrationResult.Changed, project);
    }

    public IReadOnlyList<ProjectRun> ListRuns(ProjectSlug slug) =>
        [.. connection.Query<RunRow>(
            "SELECT id AS Id, start_at AS StartAt, end_at AS EndAt, embargo AS Embargo FROM runs WHERE project = @slug ORDER BY id",
            new { slug = slug.Value }).Select(row => row.ToRun())];

    public ProjectRun? FindRun(ProjectSlug slug, string id) => ListRuns(slug).FirstOrDefault(run => run.Id == id);

    public void Put(ProjectSlug slug, ProjectRun run) => connection.Execute(
        """
        INSERT INTO runs (project, id, start_at, end_at, embargo) VALUES (@slug, @Id, @start, @end, @embargo)
        ON CONFLICT (project, id) DO UPDATE SET start_at = excluded.start_at, end_at = excluded.end_at, embargo = excluded.embargo
        """,
        new
        {
            slug = slug.Value,
            run.Id,
            start = run.Start is { } start ? Text.Of(start) : null,
            end = run.End is { } end ? Text.Of(end) : null,
            embargo = run.Embargo is { } embargo ? Text.Of(embargo) : null,
        });

    public void RemoveRun(ProjectSlug slug, string id) =>
        connection.Execute("DELETE FROM runs WHERE project = @slug AND id = @id", new { slug = slug.Value, id });

    public void Pin(ProjectSlug slug, ProjectPin? pin) => connection.Execute(
        "UPDATE projects SET pin = @pin, pinned_until = @until WHERE slug = @slug",
        new { slug = slug.Value, pin = pin is null ? null : Text.Json(pin), until = pin is null ? null : pin.Until is { } until ? Text.Of(until) : Never });

    public void SetRestored(ProjectSlug slug, DateTimeOffset at) =>
        connection.Execute("UPDATE projects SET restored_at = @at WHERE slug = @slug", new { slug = slug.Value, at = Text.Of(at) });

    /// <summary>Computes anew from when on the project may go cool, and gives it as it is then.</summary>
    /// <exception cref="ProjectUnknownException">It is not registered.</exception>
    public Project Settle(ProjectSlug slug)
    {
        Project project = FindProject(slug) ?? throw new ProjectUnknownException(slug);
        DateOnly date = Eligibility.Of(project.CreatedAt ?? project.AddedAt, ListRuns(slug), zone);
        if (date == project.CoolingEligibleAt)
            return project;
        connection.Execute("UPDATE projects SET eligible_at = @date WHERE slug = @slug", new { slug = slug.Value, date = Text.Of(date) });
        return project with { CoolingEligibleAt = date };
    }

    private void Insert(ProjectSlug slug, LifecycleState state, DateTimeOffset createdAt) => connection.Execute(
        """
        INSERT INTO projects (slug, state, added_at, since, created_at)
        VALUES (@slug, @state, @now, (SELECT coalesce(max(sequence), 0) FROM operations), @created)
        """,
        new { slug = slug.Value, state = Text.Of(state), now = Text.Of(now), created = Text.Of(createdAt) });

    private sealed record RunRow(string Id, string? StartAt, string? EndAt, string? Embargo)
    {
        public ProjectRun ToRun() => new(Id)
        {
            Start = StartAt is null ? null : Text.Time(StartAt),
            End = EndAt is null ? null : Text.Time(EndAt),
            Embargo = Embargo is null ? null : Text.Date(Embargo),
        };
    }
}
