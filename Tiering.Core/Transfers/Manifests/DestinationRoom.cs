using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Whether a destination can take what comes: only a folder can be full.</summary>
/// <param name="destination">Where it comes.</param>
/// <param name="downloads">How much comes at once.</param>
public sealed class DestinationRoom(Location destination, AzCopyDownloads downloads)
{
    /// <summary>Looks at the files only where there is not room for all of them beside what is there.</summary>
    /// <param name="bytes">What comes, in all.</param>
    /// <param name="coming">What comes, in order.</param>
    /// <param name="there">What is there now, in order.</param>
    /// <param name="leftovers">Bytes that are there besides, and are removed first.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Why there is no room; null when there is, or the store has no limit that it tells.</returns>
    public async Task<OperationError?> FindLackAsync(
        long bytes, IAsyncEnumerable<InventoryEntry> coming, IAsyncEnumerable<InventoryEntry> there, long leftovers, CancellationToken cancellation)
    {
        if (destination.Kind != LocationKind.Folder)
            return null;
        long free = Free();
        if (free >= bytes)
            return null;
        RoomNeeded needed = new(downloads);
        await foreach ((InventoryEntry? comes, InventoryEntry? now) in EntryPairs.MergeAsync(coming, there, cancellation))
            needed.Add(comes, now);
        return free >= needed.Bytes - leftovers ? null : new OperationError("disk-full", Words(free, needed, leftovers));
    }

    private static string Words(long free, RoomNeeded needed, long leftovers)
    {
        string copies = needed.SecondCopies == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {needed.SecondCopies} of them for a while: a file that is there is replaced only when the new one is whole");
        return string.Create(CultureInfo.InvariantCulture, $"The destination has room for {free} bytes; {needed.Bytes - leftovers} are needed{copies}.");
    }

    private long Free()
    {
        string? existing = destination.Address;
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        return existing is null ? long.MaxValue : new DriveInfo(existing).AvailableFreeSpace;
    }
}
