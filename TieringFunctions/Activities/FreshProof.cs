using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Activities;

/// <summary>
/// Proves, for an operation that left no manifest because another program made it, that the side which stays holds everything of the side
/// which is to go, by contents. The manifest of that is kept; the deletion then removes what it holds and nothing else. It is done piece by
/// piece, with a draft of the manifest kept after each: the first takes the inventory, the others compare.
/// </summary>
public sealed class FreshProof(StorageSettings settings, IManifestStore manifests, TimeProvider clock)
{
    /// <param name="key">The operation.</param>
    /// <param name="source">The side that is to go.</param>
    /// <param name="retained">The side that stays.</param>
    /// <param name="reached">Where the last piece ended; null before the first.</param>
    /// <param name="piece">About how long this one may compare. Listing comes on top.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Where this piece ended; null at the end, when the manifest is kept, or when the side that is to go is not there.</returns>
    /// <exception cref="DeletionRefusedException">Something of it is not on the other side, or not with the same content.</exception>
    public async Task<ProofReach?> AdvanceAsync(
        OperationKey key, IProjectStore source, IProjectStore retained, ProofReach? reached, TimeSpan piece, CancellationToken cancellation)
    {
        using TemporaryManifest file = new();
        return reached is not null && await manifests.FetchDraftAsync(key, file.Path, cancellation)
            && (await ManifestReader.ReadHeaderAsync(file.Path, cancellation)).CreatedAt == reached.TakenAt
            ? await CompareAsync(key, file, source, retained, reached, piece, cancellation)
            : await BeginAsync(key, file.Path, source, retained, cancellation);
    }

    private async Task<ProofReach?> BeginAsync(OperationKey key, string path, IProjectStore source, IProjectStore retained, CancellationToken cancellation)
    {
        ManifestHeader header = new(key.Project, key, source.Location.Kind, clock.GetUtcNow());
        if (await InventoryAsync(key, path, header, source, cancellation) is not { } size)
            return null;
        ProofFor(key, size);
        Differences found = new();
        CopyRules files = new(Folders: false, Links: false, Times: false, Modes: false);
        await InventoryComparison.CompareCopyAsync(ManifestReader.ReadAsync(path, cancellation), retained.ListAsync(cancellation), files, found, cancellation);
        ThrowIf(key, found);
        await manifests.KeepDraftAsync(key, path, cancellation);
        return new ProofReach("", default, size, header.CreatedAt);
    }

    private async Task<ProofReach?> CompareAsync(
        OperationKey key, TemporaryManifest file, IProjectStore source, IProjectStore retained, ProofReach reached, TimeSpan piece, CancellationToken cancellation)
    {
        ContentProofOptions options = new() { Seed = key.InstanceId, BytesPerSecond = settings.ProofBytesPerSecond };
        PiecewiseProof proof = new(new ContentProof(source, retained, ProofFor(key, reached.Total), options), clock);
        Differences found = new();
        (ProofReach now, bool done) = await proof.RunAsync(
            file.Path, retained.ListAsync(cancellation), file.CompletedPath, reached, piece, found, cancellation);
        ThrowIf(key, found);
        if (done)
            await manifests.KeepAsync(key.Project, key, file.CompletedPath, proved: true, cancellation);
        else
            await manifests.KeepDraftAsync(key, file.CompletedPath, cancellation);
        return done ? null : now;
    }

    private Proof ProofFor(OperationKey key, DataSize size)
    {
        Proof proof = settings.ProofFor(size);
        return proof.Mode != ProofMode.Sizes
            ? proof
            : throw new DeletionRefusedException(key, "The operation is not known here, and TIERING_PROOF allows sizes only, which prove no content");
    }

    private static async Task<DataSize?> InventoryAsync(OperationKey key, string path, ManifestHeader header, IProjectStore source, CancellationToken cancellation)
    {
        await using ManifestWriter writer = ManifestWriter.Create(path, header);
        try
        {
            await foreach (InventoryEntry entry in source.ListAsync(cancellation))
                await writer.WriteAsync(entry.Kind == EntryKind.Other ? throw NotMovable(key, entry) : entry, cancellation);
        }
        catch (ProjectDataMissingException)
        {
            return null;
        }
        return (await writer.CompleteAsync(cancellation)).Size;
    }

    /// <summary>What only the side that stays holds does no harm.</summary>
    private static void ThrowIf(OperationKey key, Differences found)
    {
        if (found.Count > found.Of(DifferenceClass.Extra))
            throw new DeletionRefusedException(key, $"The two sides do not hold the same: {found}");
    }

    private static DeletionRefusedException NotMovable(OperationKey key, InventoryEntry entry) =>
        new(key, $"The source holds what cannot have been copied: {entry.Path}");
}
