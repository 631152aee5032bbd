using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Sqlite;

/// <summary>The outbox, in the catalogue's file.</summary>
public sealed class SqliteOutbox(SqliteDatabase database, TimeProvider time) : IOutbox
{
    private const string Columns =
        """
        SELECT sequence AS Sequence, project AS Project, type AS Type, id AS Id, deletion AS Deletion, payload AS Payload, created_at AS CreatedAt,
               status AS Status, attempts AS Attempts, next_at AS NextAt, last_error AS LastError
        FROM outbox
        """;

    public Task<IReadOnlyList<OutboxMessage>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        ListAsync("WHERE status = 'PENDING' AND next_at <= @now ORDER BY next_at, sequence", new { now = Text.Of(now), limit }, limit, cancellation);

    public Task<IReadOnlyList<OutboxMessage>> ListAsync(OutboxStatus? status, long after, int limit, CancellationToken cancellation) => status is { } only
        ? ListAsync("WHERE status = @status AND sequence > @after ORDER BY sequence", new { status = Text.Of(only), after, limit }, limit, cancellation)
        : ListAsync("WHERE sequence > @after ORDER BY sequence", new { after, limit }, limit, cancellation);

    public Task DeliveredAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync("status = 'DELIVERED', last_error = NULL", new { sequence }, cancellation);

    public Task FailedAsync(long sequence, string reason, DateTimeOffset? next, CancellationToken cancellation) => next is { } time
        ? UpdateAsync("attempts = attempts + 1, last_error = @reason, next_at = @next", new { sequence, reason, next = Text.Of(time) }, cancellation)
        : UpdateAsync("attempts = attempts + 1, last_error = @reason, status = 'PARKED'", new { sequence, reason }, cancellation);

    public Task ResendAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync("status = 'PENDING', attempts = 0, next_at = @now", new { sequence, now = Text.Of(time.GetUtcNow()) }, cancellation);

    private Task<int> UpdateAsync(string changes, object param, CancellationToken cancellation) =>
        database.WriteAsync(connection => connection.Execute($"UPDATE outbox SET {changes} WHERE sequence = @sequence", param), cancellation);

    private Task<IReadOnlyList<OutboxMessage>> ListAsync(string filter, object param, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, max: 1000);
        return database.ReadAsync<IReadOnlyList<OutboxMessage>>(
            connection => [.. connection.Query<Row>($"{Columns} {filter} LIMIT @limit", param).Select(row => row.ToMessage())], cancellation);
    }

    private sealed record Row(
        long Sequence, string Project, string Type, string Id, long Deletion, string Payload, string CreatedAt, string Status, long Attempts, string NextAt, string? LastError)
    {
        public OutboxMessage ToMessage() => new(
            Sequence,
            new OperationKey(ProjectSlug.Parse(Project), Text.Enum<OperationType>(Type), Guid.Parse(Id)),
            Deletion != 0,
            Payload,
            Text.Time(CreatedAt),
            Text.Enum<OutboxStatus>(Status),
            (int)Attempts,
            Text.Time(NextAt),
            LastError);
    }
}
