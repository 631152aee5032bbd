using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// In what pieces AzCopy is told to copy from a service under a bound: a piece that is larger than what may go in a second fails there ("request size
/// greater than pacer target"). Pure.
/// </summary>
public static class CopyBlocks
{
    private const double Mebibyte = 1 << 20;
    private const double SmallestMiB = 0.0625;

    /// <summary>A blob has no more blocks than this.</summary>
    private const long MostBlocks = 50_000;

    /// <param name="source">Where it comes from.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="lowestCapMbps">The least bound of the timetable, so that a job that was begun by night goes on by day; null for none.</param>
    /// <returns>The size in MiB, for <c>--block-size-mb</c>; null for AzCopy's own choice.</returns>
    public static double? SizeMiB(LocationKind source, LocationKind destination, double? lowestCapMbps)
    {
        if (source == LocationKind.Folder || lowestCapMbps is not { } cap)
            return null;
        double standard = destination == LocationKind.Share ? 4 : 8;
        double second = cap * 1_000_000 / 8 / Mebibyte;
        if (second >= standard)
            return null;
        double size = standard;
        while (size > second && size > SmallestMiB)
            size /= 2;
        return size;
    }

    /// <summary>The same in bytes.</summary>
    public static long? SizeBytes(LocationKind source, LocationKind destination, double? lowestCapMbps) =>
        SizeMiB(source, destination, lowestCapMbps) is { } size ? (long)(size * Mebibyte) : null;

    /// <summary>The largest file that fits into such pieces.</summary>
    public static long LargestFile(LocationKind destination, double sizeMiB) =>
        destination == LocationKind.Blob ? (long)(sizeMiB * Mebibyte) * MostBlocks : long.MaxValue;

    /// <summary>Why some file cannot be copied under a timetable: it would be cut into more pieces than a blob may have. Null when all can.</summary>
    public static async Task<OperationError?> FindTooLargeAsync(
        IAsyncEnumerable<InventoryEntry> manifest, LocationKind source, LocationKind destination, BandwidthTimetable caps, CancellationToken cancellation)
    {
        if (SizeMiB(source, destination, caps.Lowest) is not { } block)
            return null;
        long largest = LargestFile(destination, block);
        await foreach (InventoryEntry entry in manifest.WithCancellation(cancellation))
        {
            if (entry.Size > largest)
            {
                return new OperationError(
                    "cap-too-low",
                    $"{entry.Path} is too large for the lowest bound of AZCOPY_CAP_MBPS: with it no file above {largest} bytes can be copied from service to service.");
            }
        }
        return null;
    }
}
