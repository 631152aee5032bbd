using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Adds up the room that a download needs on a disk where some of the files lie already: what is new and what grows, and second copies of the files that are
/// replaced, as many as may be there at once. In whatever order the files come, no more is needed.
/// </summary>
public sealed class RoomNeeded(AzCopyDownloads downloads)
{
    private readonly PriorityQueue<long, long> largest = new();
    private long large;
    private long others;

    /// <summary>What will be there afterwards and is not there yet, less what is removed before.</summary>
    public long Lasting { get; private set; }

    /// <summary>What second copies take at most while they are there.</summary>
    public long SecondCopies => large + Math.Min(others, downloads.BufferBytes);

    public long Bytes => Lasting + SecondCopies;

    /// <summary>Takes in what becomes of one path.</summary>
    /// <param name="coming">What is going to be there; null for nothing.</param>
    /// <param name="there">What is there now; null for nothing.</param>
    public void Add(InventoryEntry? coming, InventoryEntry? there)
    {
        switch (SizeOf(coming), SizeOf(there))
        {
            case ({ } comes, { } now):
                Lasting += Math.Max(0, comes - now);
                AddSecondCopy(Math.Min(comes, now)); // the rest of it counts as growth
                break;
            case ({ } comes, null):
                Lasting += comes;
                break;
            case (null, { } now):
                Lasting -= now;
                break;
        }
    }

    private static long? SizeOf(InventoryEntry? entry) => entry is { Kind: EntryKind.File } ? entry.Size : null;

    private void AddSecondCopy(long bytes)
    {
        large += bytes;
        largest.Enqueue(bytes, bytes);
        if (largest.Count <= downloads.MostLargeFiles)
            return;
        long smallest = largest.Dequeue();
        large -= smallest;
        others += smallest;
    }
}
