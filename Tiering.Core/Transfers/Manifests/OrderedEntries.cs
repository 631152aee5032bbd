using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>An inventory with the entry that comes next, watched for its order.</summary>
internal sealed class OrderedEntries(IAsyncEnumerable<InventoryEntry> entries, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<InventoryEntry> source = entries.GetAsyncEnumerator(cancellation);

    /// <summary>Null before the first move and after the last.</summary>
    public InventoryEntry? Current { get; private set; }

    /// <summary>By path; what has ended comes last.</summary>
    public static int Compare(InventoryEntry? left, InventoryEntry? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        _ => PathOrder.Compare(left.Path, right.Path),
    };

    /// <exception cref="InvalidOperationException">The next entry does not come after the one before.</exception>
    public async ValueTask MoveAsync()
    {
        string? last = Current?.Path;
        Current = await source.MoveNextAsync() ? source.Current : null;
        if (last is not null && Current is not null && PathOrder.Compare(last, Current.Path) >= 0)
            throw new InvalidOperationException($"An inventory is out of order: {Current.Path} comes after {last}.");
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
