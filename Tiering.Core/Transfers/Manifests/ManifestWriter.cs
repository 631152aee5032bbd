using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Writes a manifest: compressed JSON Lines, header first, then the entries in order, then the trailer. The file appears, whole and on
/// disk, with <see cref="CompleteAsync"/>; until then, and after a failure, there is none.
/// </summary>
public sealed class ManifestWriter : IAsyncDisposable
{
    /// <param name="path">The file; an older one is replaced at the end.</param>
    /// <param name="header">What it is about.</param>
    public static ManifestWriter Create(string path, ManifestHeader header) => throw new NotSupportedException();

    /// <exception cref="ArgumentException">The entry is out of order, occurs twice, or cannot be moved.</exception>
    public ValueTask WriteAsync(InventoryEntry entry, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Ends the manifest and puts it in its place.</summary>
    public Task<ManifestTrailer> CompleteAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Removes what was written when it was not completed.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
