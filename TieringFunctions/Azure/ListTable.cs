using System.Runtime.CompilerServices;
using Tiering.Core.Catalogue;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The lists, read so that only what the catalogue confirms is seen.</summary>
/// <param name="entries">The table of the lists.</param>
/// <param name="rows">The table of the catalogue.</param>
/// <param name="time">What time it is.</param>
internal sealed class ListTable(Table entries, Table rows, TimeProvider time)
{
    /// <summary>
    /// An entry that no row confirms may belong to a change that is being made. After this long there is no such change any more, and a reader
    /// removes it.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private const int RowsAtOnce = 32;

    /// <summary>Puts an entry in; false when its key names another row already.</summary>
    public async Task<bool> TryEnterAsync(ListEntry entry, TableRow row, CancellationToken cancellation)
    {
        TableRow entered = new TableRow(entry.List, entry.Key).With("Partition", row.Partition).With("Row", row.Key).With("WrittenAt", Text.Of(time.GetUtcNow()));
        if (!entry.IsUnique)
        {
            await entries.PutAsync(entered, cancellation);
            return true;
        }
        return await entries.TryAddAsync(entered, cancellation)
            || (await entries.FindAsync(entry.List, entry.Key, cancellation) is { } taken && taken["Partition"] == row.Partition && taken["Row"] == row.Key);
    }

    /// <summary>The entry as it is stored now; null when there is none.</summary>
    public Task<TableRow?> FindAsync(ListEntry entry, CancellationToken cancellation) => entries.FindAsync(entry.List, entry.Key, cancellation);

    /// <summary>Takes an entry out, unless it was put in again since it was found.</summary>
    public Task<bool> TryLeaveAsync(TableRow found, CancellationToken cancellation) => entries.TryRemoveAsync(found, cancellation);

    /// <summary>The rows of a list, in its order.</summary>
    /// <param name="list">The list.</param>
    /// <param name="from">The first key that belongs to the range.</param>
    /// <param name="before">The first that does not any more.</param>
    /// <param name="wanted">How many will do.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async IAsyncEnumerable<(string Key, TableRow Row)> ReadAsync(
        string list, string from, string before, int wanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (IReadOnlyList<TableRow> page in entries.PagesAsync(list, from, before, cancellation, wanted))
        {
            foreach (TableRow[] some in page.Chunk(RowsAtOnce))
            {
                TableRow?[] found = await Task.WhenAll(some.Select(entry => rows.FindAsync(entry.Text("Partition"), entry.Text("Row"), cancellation)));
                foreach ((TableRow entry, TableRow? row) in some.Zip(found))
                {
                    if (row is not null && CatalogueRows.ListsOf(row).Contains(new ListEntry(entry.Partition, entry.Key)))
                        yield return (entry.Key, row);
                    else
                        await ForgetAsync(entry, cancellation);
                }
            }
        }
    }

    private async Task ForgetAsync(TableRow entry, CancellationToken cancellation)
    {
        if (time.GetUtcNow() - Text.Time(entry.Text("WrittenAt")) < Grace)
            return;
        try
        {
            await entries.TryRemoveAsync(entry, cancellation);
        }
        catch (CatalogueUnavailableException)
        {
            // the next reader will
        }
    }
}
