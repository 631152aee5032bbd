using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Walks two inventories side by side.</summary>
internal static class EntryPairs
{
    /// <summary>Every path that either side has, in order, with what each side has there.</summary>
    /// <exception cref="InvalidOperationException">A side is out of order.</exception>
    public static async IAsyncEnumerable<(InventoryEntry? Left, InventoryEntry? Right)> MergeAsync(
        IAsyncEnumerable<InventoryEntry> left,
        IAsyncEnumerable<InventoryEntry> right,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using OrderedEntries first = new(left, cancellation);
        await using OrderedEntries second = new(right, cancellation);
        await first.MoveAsync();
        await second.MoveAsync();
        while (first.Current is not null || second.Current is not null)
        {
            int order = OrderedEntries.Compare(first.Current, second.Current);
            yield return (order <= 0 ? first.Current : null, order >= 0 ? second.Current : null);
            if (order <= 0)
                await first.MoveAsync();
            if (order >= 0)
                await second.MoveAsync();
        }
    }
}
