using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Compares two inventories, both in order, in memory that does not grow with them.</summary>
public static class InventoryComparison
{
    /// <summary>
    /// Compares what a store held with what the same store holds now: path, kind, size, both times, mode, target and version must all be
    /// the same. An MD5 is compared where both have one.
    /// </summary>
    /// <returns>What the store holds now.</returns>
    public static Task<DataSize> CompareAgainAsync(
        IAsyncEnumerable<InventoryEntry> before,
        IAsyncEnumerable<InventoryEntry> now,
        Differences found,
        CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>
    /// Compares a manifest with what its copy holds. Compared is what the copy's kind of store can hold, as <paramref name="rules"/> says.
    /// </summary>
    /// <returns>What the copy holds of what is in the manifest: files at their path and with their size.</returns>
    public static Task<DataSize> CompareCopyAsync(
        IAsyncEnumerable<InventoryEntry> manifest,
        IAsyncEnumerable<InventoryEntry> copy,
        CopyRules rules,
        Differences found,
        CancellationToken cancellation) => throw new NotSupportedException();
}
