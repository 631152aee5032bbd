using Dapper;
using Microsoft.Data.Sqlite;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Sqlite;

/// <summary>The audit, in the catalogue's file: what it says of a change is committed with the change.</summary>
public sealed class SqliteAudit(SqliteDatabase database) : IAudit
{
    public Task RecordAsync(AuditEntry entry, CancellationToken cancellation) =>
        database.WriteAsync(connection => AuditRows.Add(connection, entry), cancellation);

    public Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellation)
    {
        Limit.Check(query.Limit, max: 1000);
        long before = Continuation.Sequence(query.Continuation);
        return database.ReadAsync(connection => AuditRows.List(connection, query, before), cancellation);
    }
}

internal static class AuditRows
{
    public static bool Add(SqliteConnection connection, AuditEntry entry) => connection.Execute(
        "INSERT INTO audit (at, project, body) VALUES (@at, @Project, @body)",
        new { at = Text.Of(entry.At), entry.Project, body = Text.Json(entry) }) > 0;

    public static AuditPage List(SqliteConnection connection, AuditQuery query, long before)
    {
        string filter = (query.Project is null ? "" : " AND project = @project")
            + (query.From is null ? "" : " AND at >= @from")
            + (query.To is null ? "" : " AND at < @to");
        List<(long Sequence, string Body)> rows = [.. connection.Query<(long, string)>(
            $"SELECT sequence, body FROM audit WHERE sequence < @before{filter} ORDER BY sequence DESC LIMIT @limit",
            new
            {
                before,
                project = query.Project,
                from = query.From is { } from ? Text.Of(from) : null,
                to = query.To is { } to ? Text.Of(to) : null,
                limit = query.Limit + 1,
            })];
        string? next = Continuation.Cut(rows, query.Limit, row => row.Sequence);
        return new AuditPage([.. rows.Select(row => Text.Record<AuditEntry>(row.Body))], next);
    }
}
