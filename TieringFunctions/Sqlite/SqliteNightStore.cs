using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;

namespace Tiering.Functions.Sqlite;

/// <summary>The nights, in the catalogue's file.</summary>
public sealed class SqliteNightStore(SqliteDatabase database, TimeProvider time) : INightStore
{
    private const string SinceFact = "nights-since";

    public Task<IReadOnlyList<NightCandidate>> SelectAsync(
        DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions, int limit, CancellationToken cancellation)
    {
        (string query, DynamicParameters names) = Selection(today, now, exclusions, limit);
        return database.ReadAsync<IReadOnlyList<NightCandidate>>(
            connection => [.. connection.Query<(string Slug, string EligibleAt)>(query, names)
                .Select(row => new NightCandidate(ProjectSlug.Parse(row.Slug), Text.Date(row.EligibleAt)))],
            cancellation);
    }

    /// <summary>The one query of a night. Everything it asks of a project is in the index, in the order that it wants.</summary>
    internal static (string Query, DynamicParameters Names) Selection(DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions, int limit)
    {
        DynamicParameters names = new(new { today = Text.Of(today), graceFrom = Text.Of(now - NightRules.Grace), limit });
        string excluded = "";
        for (int i = 0; i < exclusions.Count; i++)
        {
            excluded += $" AND slug NOT GLOB @exclusion{i}";
            names.Add($"exclusion{i}", exclusions[i].Replace("[", "[[]", StringComparison.Ordinal));
        }
        string query =
            $"""
            SELECT slug, eligible_at FROM projects
            WHERE state = 'HOT' AND eligible_at <= @today AND (pinned_until IS NULL OR pinned_until <= @today)
              AND (restored_at IS NULL OR restored_at < @graceFrom) AND NOT EXISTS (SELECT 1 FROM claims WHERE project = slug){excluded}
            ORDER BY eligible_at, slug LIMIT @limit
            """;
        return (query, names);
    }

    public Task<Night> OpenAsync(Night night, CancellationToken cancellation) => database.WriteAsync(
        connection =>
        {
            if (Find(connection, night.Date) is { } recorded)
                return recorded;
            Put(connection, night);
            string outcome = night.Status == NightStatus.Missed ? AuditOutcomes.Failed : AuditOutcomes.Accepted;
            string detail = night.Status == NightStatus.Missed ? "missed: the service was off" : night.Summary();
            return Audit(connection, night, outcome, detail);
        },
        cancellation);

    public Task<Night?> FindAsync(DateOnly date, CancellationToken cancellation) => database.ReadAsync(connection => Find(connection, date), cancellation);

    public Task<IReadOnlyList<Night>> ListAsync(DateOnly? before, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, max: 1000);
        return database.ReadAsync(
            connection => Query(
                connection, "WHERE date < @before ORDER BY date DESC LIMIT @limit", new { before = before is { } date ? Text.Of(date) : "~", limit }), cancellation);
    }

    public Task<IReadOnlyList<Night>> ListRunningAsync(CancellationToken cancellation) =>
        database.ReadAsync(connection => Query(connection, "WHERE status = 'RUNNING' ORDER BY date", param: null), cancellation);

    public Task SetItemAsync(DateOnly date, NightItem item, CancellationToken cancellation) => database.WriteAsync(
        connection => Find(connection, date) is { Status: NightStatus.Running } night ? Put(connection, night.With(item)) : null, cancellation);

    public Task CompleteAsync(DateOnly date, CancellationToken cancellation) => database.WriteAsync(
        connection =>
        {
            if (Find(connection, date) is not { Status: NightStatus.Running } night)
                return null;
            Night done = Put(connection, night with { Status = NightStatus.Completed, FinishedAt = time.GetUtcNow() });
            return Audit(connection, done, AuditOutcomes.Succeeded, done.Summary());
        },
        cancellation);

    public async Task<DateTimeOffset> EnabledSinceAsync(CancellationToken cancellation)
    {
        string? noted = await database.ReadAsync(connection => Facts.Find(connection, SinceFact), cancellation);
        if (noted is not null)
            return Text.Time(noted);
        DateTimeOffset now = time.GetUtcNow();
        await database.WriteAsync(connection => Facts.Put(connection, SinceFact, Text.Of(now)), cancellation);
        return now;
    }

    public async Task DisableAsync(CancellationToken cancellation)
    {
        if (await database.ReadAsync(connection => Facts.Find(connection, SinceFact), cancellation) is not null)
            await database.WriteAsync(connection => connection.Execute("DELETE FROM facts WHERE name = @SinceFact", new { SinceFact }), cancellation);
    }

    private static Night? Find(SqliteConnection connection, DateOnly date) =>
        Query(connection, "WHERE date = @date", new { date = Text.Of(date) }) is [Night night] ? night : null;

    private static Night Put(SqliteConnection connection, Night night)
    {
        connection.Execute(
            """
            INSERT INTO nights (date, status, body) VALUES (@date, @status, @body)
            ON CONFLICT (date) DO UPDATE SET status = excluded.status, body = excluded.body
            """,
            new { date = Text.Of(night.Date), status = Text.Of(night.Status), body = Text.Json(night) });
        return night;
    }

    private static IReadOnlyList<Night> Query(SqliteConnection connection, string filter, object? param) =>
        [.. connection.Query<string>($"SELECT body FROM nights {filter}", param).Select(Text.Record<Night>)];

    private Night Audit(SqliteConnection connection, Night night, string outcome, string detail)
    {
        AuditRows.Add(connection, new AuditEntry(time.GetUtcNow(), NightCaller.Name, AuditActions.Night, outcome) { Detail = $"{Text.Of(night.Date)}: {detail}" });
        return night;
    }
}
