using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Costs;

/// <summary>What lies at COOL and goes with the next COOL: nothing of it stays, for AzCopy copies everything anew and what does not come again is removed.</summary>
/// <param name="BilledBytes">Its files, each with the least size that is billed.</param>
/// <param name="Days">How many whole days it has lain there; null when that is not known: then as long as early deletion counts.</param>
public sealed record ReplacedData(long BilledBytes, int? Days)
{
    /// <summary>Adds up an inventory of COOL.</summary>
    public static async Task<ReplacedData> OfAsync(IAsyncEnumerable<InventoryEntry> there, StorePrices prices, int? days)
    {
        long bytes = 0;
        await foreach (InventoryEntry entry in there)
        {
            if (entry.Kind == EntryKind.File)
                bytes = checked(bytes + Math.Max(entry.Size, prices.MinimumObjectBytes));
        }
        return new ReplacedData(bytes, days);
    }

    /// <summary>How many whole days have passed since a COOL ended; null when that is not known.</summary>
    public static int? DaysSince(DateTimeOffset? cooledAt, DateTimeOffset now) => cooledAt is { } since ? Math.Max(0, (int)(now - since).TotalDays) : null;
}
