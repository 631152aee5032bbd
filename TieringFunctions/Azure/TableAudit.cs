using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tiering.Core.Catalogue;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The audit, in the catalogue's tables: what it says of a change is written with the change.</summary>
public sealed partial class TableAudit(TableStorage storage) : IAudit
{
    private const int MaxLimit = 1000;

    public Task RecordAsync(AuditEntry entry, CancellationToken cancellation) => storage.ChangeAsync(
        CatalogueRows.PartitionOf(entry.Project),
        rows =>
        {
            rows.Put(CatalogueRows.Of(entry, storage.Sequence.Next()));
            return Task.FromResult(true);
        },
        cancellation);

    public async Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellation)
    {
        Limit.Check(query.Limit, MaxLimit);
        if (query.Continuation is { } token && !PlaceInOrder().IsMatch(token))
            throw new InvalidFieldException("continuation", "must be the text that came with the page before");
        List<(string Place, AuditEntry Entry)> found = [];
        await foreach ((string place, AuditEntry entry) in ReadAsync(query, cancellation))
        {
            found.Add((place, entry));
            if (found.Count > query.Limit)
                break;
        }
        bool isLast = found.Count <= query.Limit;
        return new AuditPage([.. found.Take(query.Limit).Select(pair => pair.Entry)], isLast ? null : found[query.Limit - 1].Place);
    }

    private async IAsyncEnumerable<(string Place, AuditEntry Entry)> ReadAsync(
        AuditQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (string from, string before) = CatalogueRows.AuditBetween(query.From, query.To);
        from = query.Continuation is { } last ? last + '!' : from;
        if (query.Project is not { } project)
        {
            await foreach ((string key, TableRow row) in storage.Lists.ReadAsync(ListEntry.Audit, from, before, query.Limit + 1, cancellation))
                yield return (key, CatalogueRows.ToAuditEntry(row));
            yield break;
        }
        IAsyncEnumerable<IReadOnlyList<TableRow>> pages = storage.Rows.PagesAsync(
            CatalogueRows.PartitionOf(project), CatalogueRows.AuditKeyOf(from), CatalogueRows.AuditKeyOf(before), cancellation, query.Limit + 1);
        await foreach (IReadOnlyList<TableRow> page in pages)
        {
            foreach (TableRow row in page)
            {
                if (CatalogueRows.ToAuditEntry(row) is { } entry && entry.Project == project) // and not another's with the same hash
                    yield return (CatalogueRows.AuditOrderOf(row), entry);
            }
        }
    }

    [GeneratedRegex("^[0-9]{19}-[0-9]{19}(-(none|[0-9a-f]{16}))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlaceInOrder();
}
