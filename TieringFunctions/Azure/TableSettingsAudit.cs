using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Tiering.Core.Catalogue;
using Tiering.Functions.Stores;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Azure;

/// <summary>
/// Audits at start which settings differ from those of the start before. They are kept in the partition of the entries that belong to no
/// project: so both are one transaction, and of several instances that start together one tells.
/// </summary>
public sealed class TableSettingsAudit(TableStorage storage, IConfiguration configuration) : IHostedService
{
    private const string Key = "settings";

    // A transaction holds a hundred rows.
    private const int MostTold = 90;

    private static readonly string Partition = CatalogueRows.PartitionOf(project: null);

    public Task StartAsync(CancellationToken cancellationToken) => storage.ChangeAsync(
        Partition,
        async rows =>
        {
            TableRow? kept = await rows.FindAsync(Key);
            (SortedDictionary<string, string> now, IReadOnlyList<string> changes) = SettingsRecord.Compare(
                configuration, kept is null ? null : Text.Record<Dictionary<string, string>>(kept.Text("Settings")));
            foreach (string change in changes.Take(MostTold))
                Audit(rows, change);
            if (changes.Count > MostTold)
                Audit(rows, FormattableString.Invariant($"{changes.Count - MostTold} further settings were changed"));
            string text = Text.Json(now);
            if (kept?["Settings"] != text)
                rows.Put((kept ?? new TableRow(Partition, Key)).With("Settings", text));
            return changes.Count;
        },
        cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Audit(PartitionChange rows, string change) => rows.Put(CatalogueRows.Of(
        new AuditEntry(storage.Time.GetUtcNow(), Caller.Service.Name, AuditActions.Setting, AuditOutcomes.Accepted) { Detail = change }, storage.Sequence.Next()));
}
