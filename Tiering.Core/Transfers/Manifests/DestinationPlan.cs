using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Decides what happens to what lies at a destination already, before a byte moves.</summary>
public static class DestinationPlan
{
    /// <summary>
    /// Goes through the destination's inventory. What is to be copied over (a file where a file comes) and folders that come too stay.
    /// Of the rest, and of all links, what <paramref name="known"/> holds is to be removed; anything else is unknown and ends the transfer.
    /// </summary>
    /// <param name="destination">The destination's inventory, in order.</param>
    /// <param name="manifest">What is going to be there, in order.</param>
    /// <param name="known">Earlier manifests, each in order: what they hold is ours.</param>
    /// <param name="unknown">Takes what no manifest explains, as <see cref="DifferenceClass.Extra"/>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>What is to be removed, in order. Remove nothing before the sequence has ended and nothing was unknown.</returns>
    public static IAsyncEnumerable<InventoryEntry> ToRemoveAsync(
        IAsyncEnumerable<InventoryEntry> destination,
        IAsyncEnumerable<InventoryEntry> manifest,
        IReadOnlyList<IAsyncEnumerable<InventoryEntry>> known,
        Differences unknown,
        CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Removes entries: files and links as they come, folders afterwards, deepest first.</summary>
    /// <returns>How many entries were removed.</returns>
    public static Task<long> RemoveAsync(IProjectStore store, IAsyncEnumerable<InventoryEntry> entries, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
