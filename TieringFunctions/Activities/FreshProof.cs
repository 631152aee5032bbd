using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Activities;

/// <summary>
/// Proves, for an operation that left no manifest because another program made it, that the side which stays holds everything of the side
/// which is to go, by contents. The manifest of that is kept; the deletion then removes what it holds and nothing else.
/// </summary>
public sealed class FreshProof(StorageSettings settings, IManifestStore manifests, TimeProvider clock)
{
    /// <returns>False when there is nothing to prove: the side that is to go is not there.</returns>
    /// <exception cref="DeletionRefusedException">Something of it is not on the other side, or not with the same content.</exception>
    public async Task<bool> TakeAsync(OperationKey key, IProjectStore source, IProjectStore retained, CancellationToken cancellation)
    {
        using TemporaryManifest file = new();
        ManifestHeader header = new(key.Project, key, source.Location.Kind, clock.GetUtcNow());
        if (await InventoryAsync(file.Path, header, source, cancellation) is not { } size)
            return false;
        Proof proof = settings.ProofFor(size);
        if (proof.Mode == ProofMode.Sizes)
            throw new DeletionRefusedException(key, "The operation is not known here, and TIERING_PROOF allows sizes only, which prove no content");
        await ProveAsync(key, file, header, source, retained, proof, cancellation);
        await manifests.KeepAsync(key.Project, key, file.CompletedPath, proved: true, cancellation);
        return true;
    }

    private static async Task<DataSize?> InventoryAsync(string path, ManifestHeader header, IProjectStore source, CancellationToken cancellation)
    {
        await using ManifestWriter writer = ManifestWriter.Create(path, header);
        try
        {
            await foreach (InventoryEntry entry in source.ListAsync(cancellation))
                await writer.WriteAsync(entry.Kind == EntryKind.Other ? throw NotMovable(header, entry) : entry, cancellation);
        }
        catch (ProjectDataMissingException)
        {
            return null;
        }
        return (await writer.CompleteAsync(cancellation)).Size;
    }

    private static async Task ProveAsync(
        OperationKey key, TemporaryManifest file, ManifestHeader header, IProjectStore source, IProjectStore retained, Proof proof, CancellationToken cancellation)
    {
        CopyRules files = new(Folders: false, Links: false, Times: false, Modes: false);
        Differences found = new();
        await InventoryComparison.CompareCopyAsync(
            ManifestReader.ReadAsync(file.Path, cancellation), retained.ListAsync(cancellation), files, found, cancellation);
        ThrowIf(key, found);
        ContentProof contents = new(source, retained, proof, new ContentProofOptions { Seed = key.InstanceId });
        await using ManifestWriter writer = ManifestWriter.Create(file.CompletedPath, header);
        IAsyncEnumerable<InventoryEntry> entries = contents.RunAsync(
            ManifestReader.ReadAsync(file.Path, cancellation), retained.ListAsync(cancellation), found, cancellation);
        await foreach (InventoryEntry entry in entries)
            await writer.WriteAsync(entry, cancellation);
        ThrowIf(key, found);
        await writer.CompleteAsync(cancellation);
    }

    /// <summary>What only the side that stays holds does no harm.</summary>
    private static void ThrowIf(OperationKey key, Differences found)
    {
        if (found.Count > found.Of(DifferenceClass.Extra))
            throw new DeletionRefusedException(key, $"The two sides do not hold the same: {found}");
    }

    private static DeletionRefusedException NotMovable(ManifestHeader header, InventoryEntry entry) =>
        new(header.Operation!, $"The source holds what cannot have been copied: {entry.Path}");
}
