using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Whether a destination can take what comes: only a folder can be full.</summary>
public static class DestinationRoom
{
    /// <returns>Why there is no room for so many bytes; null when there is, or the store has no limit that it tells.</returns>
    public static OperationError? FindLack(Location destination, long needed)
    {
        if (destination.Kind != LocationKind.Folder)
            return null;
        string? existing = destination.Address;
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        long free = existing is null ? long.MaxValue : new DriveInfo(existing).AvailableFreeSpace;
        return free >= needed ? null : new OperationError(
            "disk-full", string.Create(CultureInfo.InvariantCulture, $"The destination has room for {free} bytes; {needed} are needed."));
    }
}
