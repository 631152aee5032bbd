using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Tiering.Core.Catalogue;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Sqlite;

/// <summary>Audits at start which settings differ from those of the start before.</summary>
public sealed class SettingsAudit(SqliteDatabase database, IConfiguration configuration, TimeProvider time) : IHostedService
{
    private const string Fact = "settings";

    public Task StartAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            string? kept = Facts.Find(connection, Fact);
            (SortedDictionary<string, string> now, IReadOnlyList<string> changes) = SettingsRecord.Compare(
                configuration, kept is null ? null : Text.Record<Dictionary<string, string>>(kept));
            foreach (string change in changes)
                AuditRows.Add(connection, new AuditEntry(time.GetUtcNow(), Caller.Service.Name, AuditActions.Setting, AuditOutcomes.Accepted) { Detail = change });
            return Text.Json(now) is { } text && text != kept && Facts.Put(connection, Fact, text);
        },
        cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
