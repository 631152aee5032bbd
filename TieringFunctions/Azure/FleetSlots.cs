using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>
/// Who holds a slot for a running transfer: one row for the whole fleet, so that the count is exact. An operation that has ended holds none,
/// whatever the row says: the commit that ends it is what frees the slot.
/// </summary>
internal sealed class FleetSlots(TableStorage storage)
{
    private const string Partition = "fleet";
    private const string Key = "slots";

    /// <exception cref="OperationUnknownException">There is no such operation.</exception>
    /// <exception cref="OperationTerminalException">It has ended.</exception>
    public async Task<bool> TryTakeAsync(OperationKey key, int limit, CancellationToken cancellation)
    {
        await LiveAsync(key, cancellation);
        bool isTaken = await ChangeAsync(
            async holders =>
            {
                if (holders.Contains(key.InstanceId))
                    return true;
                if (holders.Count >= limit)
                    await DropEndedAsync(holders, cancellation);
                return holders.Count < limit && holders.Add(key.InstanceId);
            },
            cancellation);
        try
        {
            await LiveAsync(key, cancellation); // it may have ended meanwhile, and looked for its slot before there was one
        }
        catch (OperationTerminalException)
        {
            await GiveBackAsync(key, cancellation);
            throw;
        }
        return isTaken;
    }

    /// <summary>Takes an operation that has ended out of the row. What is not done now is done by whoever finds no slot free.</summary>
    public async Task GiveBackAsync(OperationKey key, CancellationToken cancellation)
    {
        try
        {
            await ChangeAsync(holders => Task.FromResult(holders.Remove(key.InstanceId)), cancellation);
        }
        catch (CatalogueUnavailableException)
        {
        }
    }

    private async Task LiveAsync(OperationKey key, CancellationToken cancellation)
    {
        LifecycleOperation operation = await FindAsync(key.InstanceId, cancellation) ?? throw new OperationUnknownException(key);
        if (operation.IsTerminal)
            throw new OperationTerminalException(operation);
    }

    private async Task DropEndedAsync(HashSet<string> holders, CancellationToken cancellation)
    {
        foreach (string holder in holders.ToList())
        {
            if (await FindAsync(holder, cancellation) is null or { IsTerminal: true })
                holders.Remove(holder);
        }
    }

    private async Task<LifecycleOperation?> FindAsync(string instanceId, CancellationToken cancellation)
    {
        (string partition, string key) = CatalogueRows.PlaceOf(instanceId);
        return await storage.Rows.FindAsync(partition, key, cancellation) is { } row ? CatalogueRows.ToOperation(row) : null;
    }

    private Task<bool> ChangeAsync(Func<HashSet<string>, Task<bool>> change, CancellationToken cancellation) => storage.ChangeAsync(
        Partition,
        async rows =>
        {
            TableRow row = await rows.FindAsync(Key) ?? new TableRow(Partition, Key);
            HashSet<string> holders = new(row["Holders"] is { } known ? Text.Record<List<string>>(known) : [], StringComparer.Ordinal);
            List<string> before = [.. holders];
            bool result = await change(holders);
            if (!holders.SetEquals(before))
                rows.Put(row.With("Holders", Text.Json(holders.Order(StringComparer.Ordinal).ToList())));
            return result;
        },
        cancellation);
}
