using Tiering.Core.Catalogue;

namespace Tiering.Functions.Azure;

/// <summary>
/// One attempt at a change of one partition: what was read, and what is to be written if nobody has changed that since. The order is what a
/// crash may rely on: entries of lists first, then all rows in one transaction, then the entries that do not hold any more are taken out.
/// </summary>
internal sealed class PartitionChange(TableStorage storage, string partition, CancellationToken cancellation)
{
    private readonly string mark = Guid.NewGuid().ToString("N"); // tells our own write from another's
    private readonly Dictionary<string, TableRow?> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TableRow> changed = new(StringComparer.Ordinal);

    public string Partition => partition;

    /// <summary>
    /// The row, with what this change has put; null when there is none. One row after the other is read, and the project's first: what was
    /// written with a row that is seen is then seen too, and a refusal never rests on an older look than another.
    /// </summary>
    public async Task<TableRow?> FindAsync(string key)
    {
        if (changed.TryGetValue(key, out TableRow? put))
            return put;
        if (!read.TryGetValue(key, out TableRow? row))
            read[key] = row = await storage.Rows.FindAsync(partition, key, cancellation);
        return row;
    }

    public void Put(TableRow row) => changed[row.Key] = row.With("Change", mark);

    /// <summary>Writes everything, or nothing when somebody has changed a row since it was read.</summary>
    public async Task<bool> TryCommitAsync()
    {
        if (changed.Count == 0)
            return true;
        HashSet<ListEntry> before = [.. changed.Keys.Select(key => read.GetValueOrDefault(key)).OfType<TableRow>().SelectMany(CatalogueRows.ListsOf)];
        (ListEntry Entry, TableRow Row)[] after = [.. changed.Values.SelectMany(row => CatalogueRows.ListsOf(row).Select(entry => (entry, row)))];
        // Found before the write: whoever puts one of them in again does so after it, and then it is not the one found here.
        Task<TableRow?[]> leaving = Task.WhenAll(before.Except(after.Select(pair => pair.Entry)).Select(entry => storage.Lists.FindAsync(entry, cancellation)));
        bool[] entered = await Task.WhenAll(after.Where(pair => !before.Contains(pair.Entry)).Select(pair => storage.Lists.TryEnterAsync(pair.Entry, pair.Row, cancellation)));
        TableRow?[] old = await leaving;
        if (!entered.All(isIn => isIn) || !await TryWriteAsync())
            return false;
        await LeaveAsync(old);
        return true;
    }

    private async Task<bool> TryWriteAsync()
    {
        if (await storage.Rows.TryWriteAsync(changed.Values, cancellation))
            return true;
        // The answer to our own first request may have been lost, and the repeat have met what that had written.
        TableRow last = changed.Values.Last();
        return await storage.Rows.FindAsync(partition, last.Key, cancellation) is { } stored && stored["Change"] == mark;
    }

    private async Task LeaveAsync(IEnumerable<TableRow?> old)
    {
        try
        {
            await Task.WhenAll(old.OfType<TableRow>().Select(entry => storage.Lists.TryLeaveAsync(entry, cancellation)));
        }
        catch (Exception failure) when (failure is CatalogueUnavailableException or OperationCanceledException)
        {
            // The change is made. Readers pass over what it no longer confirms, and remove it later.
        }
    }
}
