using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Functions.Access;

namespace Tiering.Functions.Sqlite;

/// <summary>The tokens' hashes, in the catalogue's file.</summary>
public sealed class SqliteTokenStore(SqliteDatabase database, TimeProvider time) : ITokenStore
{
    public Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyDictionary<string, string>>(
        connection => connection.Query<(string Hash, string Name)>("SELECT hash, name FROM tokens").ToDictionary(row => row.Hash, row => row.Name, StringComparer.Ordinal),
        cancellation);

    public Task PutAsync(string name, string hash, CancellationToken cancellation) => database.WriteAsync(
        connection =>
        {
            DateTimeOffset now = time.GetUtcNow();
            connection.Execute(
                """
                INSERT INTO tokens (hash, name, created_at) VALUES (@hash, @name, @now)
                ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at
                """,
                new { hash, name, now = Text.Of(now) });
            return AuditRows.Add(connection, new AuditEntry(now, Caller.Service.Name, AuditActions.Token, AuditOutcomes.Accepted) { Detail = $"token {name} made" });
        },
        cancellation);
}
