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
               status AS Status, attempts AS Attempts, next_at AS NextAt, last_error AS LastError, round AS Round, since AS Since
        FROM outbox
        """;

    public Task<IReadOnlyList<OutboxMessage>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        ListAsync("WHERE status = 'PENDING' AND next_at <= @now ORDER BY next_at, sequence", new { now = Text.Of(now), limit }, limit, cancellation);

    public Task<IReadOnlyList<OutboxMessage>> ListAsync(OutboxStatus? status, long after, int limit, CancellationToken cancellation) => status is { } only
        ? ListAsync("WHERE status = @status AND sequence > @after ORDER BY sequence", new { status = Text.Of(only), after, limit }, limit, cancellation)
        : ListAsync("WHERE sequence > @after ORDER BY sequence", new { after, limit }, limit, cancellation);

    public Task<IReadOnlyList<OutboxMessage>> ListPendingAsync(OperationKey operation, CancellationToken cancellation) => ListAsync(
        "WHERE status = 'PENDING' AND project = @project AND type = @type AND id = @id ORDER BY sequence",
        new { project = operation.Project.Value, type = Text.Of(operation.Type), id = operation.Id.ToString("D"), limit = 1000 },
        limit: 1000,
        cancellation);

    public async Task<OutboxMessage?> FindAsync(long sequence, CancellationToken cancellation) =>
        await ListAsync("WHERE sequence = @sequence", new { sequence, limit = 1 }, limit: 1, cancellation) is [OutboxMessage message] ? message : null;

    public Task<bool> HasOlderAsync(OutboxMessage message, DateTimeOffset soon, CancellationToken cancellation) => database.ReadAsync(
        connection => connection.ExecuteScalar<long>(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE status = 'PENDING' AND project = @project AND sequence < @sequence AND next_at < @soon)",
            new { project = message.Operation.Project.Value, sequence = message.Sequence, soon = Text.Of(soon) }) > 0,
        cancellation);

    public Task DeliveredAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync("status = 'DELIVERED', last_error = NULL WHERE sequence = @sequence", new { sequence }, cancellation);

    public Task FailedAsync(long sequence, int round, string reason, DateTimeOffset? next, CancellationToken cancellation) => UpdateAsync(
        $"""
        attempts = attempts + 1, last_error = @reason, {(next is null ? "status = 'PARKED'" : "next_at = @next")}
        WHERE sequence = @sequence AND round = @round AND status = 'PENDING'
        """,
        new { sequence, round, reason, next = next is { } time ? Text.Of(time) : null },
        cancellation);

    public Task<OutboxMessage?> ResendAsync(long sequence, Caller caller, CancellationToken cancellation) => database.WriteAsync(
        connection =>
        {
            DateTimeOffset now = time.GetUtcNow();
            connection.Execute(
                "UPDATE outbox SET status = 'PENDING', attempts = 0, next_at = @now, round = round + 1, since = @now WHERE sequence = @sequence",
                new { sequence, now = Text.Of(now) });
            OutboxMessage? message = connection.QueryFirstOrDefault<Row>($"{Columns} WHERE sequence = @sequence", new { sequence })?.ToMessage();
            if (message is { Operation: { } key })
            {
                AuditEntry entry = new(now, caller.Name, AuditActions.ResultResend, AuditOutcomes.Accepted)
                {
                    From = caller.From, Project = key.Project.Value, Type = key.Type, Operation = key.Id, Detail = FormattableString.Invariant($"result {sequence}"),
                };
                AuditRows.Add(connection, entry);
            }
            return message;
        },
        cancellation);

    private Task<int> UpdateAsync(string changes, object param, CancellationToken cancellation) =>
        database.WriteAsync(connection => connection.Execute($"UPDATE outbox SET {changes}", param), cancellation);

    private Task<IReadOnlyList<OutboxMessage>> ListAsync(string filter, object param, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, max: 1000);
        return database.ReadAsync<IReadOnlyList<OutboxMessage>>(
            connection => [.. connection.Query<Row>($"{Columns} {filter} LIMIT @limit", param).Select(row => row.ToMessage())], cancellation);
    }

    private sealed record Row(
        long Sequence, string Project, string Type, string Id, long Deletion, string Payload, string CreatedAt, string Status, long Attempts, string NextAt, string? LastError,
        long Round, string? Since)
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
            LastError)
        {
            Round = (int)Round,
            Since = Text.Time(Since ?? CreatedAt),
        };
    }
}
