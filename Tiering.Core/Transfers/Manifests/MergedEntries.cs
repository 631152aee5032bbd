using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Walks several inventories side by side.</summary>
internal static class MergedEntries
{
    /// <summary>Every path that any of them has, in order, with what each has there. The array is used again.</summary>
    /// <exception cref="InvalidOperationException">One is out of order.</exception>
    public static async IAsyncEnumerable<InventoryEntry?[]> OfAsync(
        IReadOnlyList<IAsyncEnumerable<InventoryEntry>> inventories,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        OrderedEntries[] sources = [.. inventories.Select(inventory => new OrderedEntries(inventory, cancellation))];
        try
        {
            foreach (OrderedEntries source in sources)
                await source.MoveAsync();
            InventoryEntry?[] at = new InventoryEntry?[sources.Length];
            while (Least(sources) is { } least)
            {
                for (int i = 0; i < sources.Length; i++)
                    at[i] = sources[i].Current?.Path == least ? sources[i].Current : null;
                yield return at;
                for (int i = 0; i < sources.Length; i++)
                {
                    if (at[i] is not null)
                        await sources[i].MoveAsync();
                }
            }
        }
        finally
        {
            foreach (OrderedEntries source in sources)
                await source.DisposeAsync();
        }
    }

    private static string? Least(OrderedEntries[] sources)
    {
        InventoryEntry? least = null;
        foreach (OrderedEntries source in sources)
        {
            if (OrderedEntries.Compare(source.Current, least) < 0)
                least = source.Current;
        }
        return least?.Path;
    }
}
