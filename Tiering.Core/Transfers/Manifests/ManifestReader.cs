using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Reads a manifest file, as a stream and as often as wanted. Nothing is taken from one that is cut off or altered.</summary>
public static class ManifestReader
{
    /// <summary>Reads the first line.</summary>
    /// <exception cref="ManifestCorruptException">The file is no manifest.</exception>
    public static Task<ManifestHeader> ReadHeaderAsync(string path, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>
    /// Every entry, in order. Damage that only the end can show ends the sequence with the exception: what was read before it is not to
    /// be acted upon until the sequence has ended well, or <see cref="VerifyAsync"/> has.
    /// </summary>
    /// <exception cref="ManifestCorruptException">It is cut off, altered or out of order.</exception>
    public static IAsyncEnumerable<InventoryEntry> ReadAsync(string path, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Reads all of it and gives the trailer, which then is known to be right.</summary>
    /// <exception cref="ManifestCorruptException">It is cut off, altered or out of order.</exception>
    public static Task<ManifestTrailer> VerifyAsync(string path, CancellationToken cancellation) => throw new NotSupportedException();
}
