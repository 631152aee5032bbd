using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Deletion;

/// <summary>Removes the side that a verified operation copied from, and only what that operation's manifest holds.</summary>
/// <param name="key">The operation.</param>
/// <param name="manifest">Its manifest, a whole file on this machine.</param>
/// <param name="clock">Measures how long a piece takes.</param>
public sealed class SourceRemoval(OperationKey key, string manifest, TimeProvider clock)
{
    private const int Batch = 256;

    /// <summary>
    /// Counts the side that stays. A cool side must still be exactly the manifest; a hot side is worked on, and must have as many files
    /// and bytes as the operation and the caller say.
    /// </summary>
    /// <exception cref="DeletionRefusedException">It is missing, or not what it must be.</exception>
    public async Task CheckRetainedAsync(IProjectStore retained, DataSize? expected, CancellationToken cancellation)
    {
        DataSize required = expected ?? (await ManifestReader.VerifyAsync(manifest, cancellation)).Size;
        Differences differences = new();
        RetainedSide side = new(key, retained);
        try
        {
            await InventoryComparison.CompareCopyAsync(
                ManifestReader.ReadAsync(manifest, cancellation), side.CountAsync(cancellation), CopyRules.For(retained.Location.Kind), differences, cancellation);
        }
        catch (ProjectDataMissingException)
        {
            throw side.Missing();
        }
        side.CheckSize(required);
        if (key.DestinationRole == StorageRole.Cool && differences.Any)
            throw new DeletionRefusedException(key, $"Active storage side COOL is not what was verified: {differences}");
    }

    /// <summary>Looks for anything at the source that was not copied: new, or changed since. What is gone already does not matter.</summary>
    /// <exception cref="DeletionRefusedException">There is something.</exception>
    public async Task CheckSourceAsync(IProjectStore source, CancellationToken cancellation)
    {
        Differences unknown = new();
        await foreach (InventoryEntry _ in KnownAsync(source, unknown, cancellation))
        {
            // only the differences count
        }
        ThrowIf(unknown);
    }

    /// <summary>Removes what the manifest holds, for about as long as <paramref name="piece"/>.</summary>
    /// <returns>Whether nothing is left.</returns>
    /// <exception cref="DeletionRefusedException">Something is there that was not copied.</exception>
    public async Task<bool> RemoveAsync(IProjectStore source, TimeSpan piece, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        if (source.Location.Kind == LocationKind.Folder)
            await FolderFidelity.LoosenAsync(source.Location.Address, cancellation);
        Differences unknown = new();
        List<InventoryEntry> batch = [];
        List<InventoryEntry> folders = [];
        await foreach (InventoryEntry entry in KnownAsync(source, unknown, cancellation))
        {
            ThrowIf(unknown);
            if (entry.Kind == EntryKind.Folder)
            {
                folders.Add(entry);
                continue;
            }
            batch.Add(entry);
            if (batch.Count < Batch)
                continue;
            await source.DeleteAsync(batch, cancellation);
            batch.Clear();
            if (clock.GetElapsedTime(start) > piece)
                return false;
        }
        ThrowIf(unknown);
        await source.DeleteAsync(batch, cancellation);
        folders.Reverse(); // what is in a folder comes after it in the order of paths
        await source.DeleteAsync(folders, cancellation);
        await source.DeleteRootAsync(cancellation);
        return await IsGoneAsync(source, cancellation);
    }

    /// <summary>The entries of the source that the manifest holds as they are; others are put into <paramref name="unknown"/>.</summary>
    private async IAsyncEnumerable<InventoryEntry> KnownAsync(
        IProjectStore source, Differences unknown, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using IAsyncEnumerator<InventoryEntry> known = ManifestReader.ReadAsync(manifest, cancellation).GetAsyncEnumerator(cancellation);
        bool more = await known.MoveNextAsync();
        await using IAsyncEnumerator<InventoryEntry> there = source.ListAsync(cancellation).GetAsyncEnumerator(cancellation);
        while (await NextAsync(there))
        {
            InventoryEntry entry = there.Current;
            while (more && PathOrder.Compare(known.Current.Path, entry.Path) < 0)
                more = await known.MoveNextAsync();
            bool same = more && known.Current.Path == entry.Path && IsCopied(known.Current, entry, source.Location.Kind);
            if (same || (entry.Kind == EntryKind.Folder && source.Location.Kind == LocationKind.Blob))
                yield return entry;
            else
                unknown.Add(DifferenceClass.Extra, entry.Path, "was not copied, or has changed since");
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<InventoryEntry> entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (ProjectDataMissingException)
        {
            return false; // gone already: that is what is wanted
        }
    }

    /// <summary>Whether an entry of the source is what was copied. Times count where the manifest was taken of the same kind of store.</summary>
    private bool IsCopied(InventoryEntry known, InventoryEntry there, LocationKind kind) =>
        known.Kind == there.Kind
        && known.Size == there.Size
        && known.Target == there.Target
        && (known.Md5 is null || there.Md5 is null || known.Md5 == there.Md5)
        && (kind == LocationKind.Blob || key.Type == OperationType.Restore || there.Kind != EntryKind.File
            || (known.Modified == there.Modified && known.ModifiedNanoseconds == there.ModifiedNanoseconds));

    /// <summary>Whether nothing of a project is there.</summary>
    public static async Task<bool> IsGoneAsync(IProjectStore source, CancellationToken cancellation)
    {
        await using IAsyncEnumerator<InventoryEntry> left = source.ListAsync(cancellation).GetAsyncEnumerator(cancellation);
        return !await NextAsync(left);
    }

    private void ThrowIf(Differences unknown)
    {
        if (unknown.Any)
            throw new DeletionRefusedException(key, $"The source holds what was not copied: {unknown}");
    }
}
