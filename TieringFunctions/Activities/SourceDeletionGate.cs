using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Deletion;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <summary>
/// The only way to a project's data that removes it: every call asks again where the project lives, and whether it is held for this
/// deletion, and nothing is removed that the operation's manifest does not hold.
/// </summary>
public sealed class SourceDeletionGate(
    ICatalogue catalogue,
    ILifecycleAuthority authority,
    ProjectLocations locations,
    IAccessIssuer access,
    ProjectStores stores,
    IManifestStore manifests,
    FreshProof freshProof,
    TimeProvider clock)
{
    /// <returns>Whether it may be deleted; false when <see cref="ProveAsync"/> comes first.</returns>
    /// <exception cref="DeletionRefusedException">It must not be deleted; the message says why.</exception>
    /// <exception cref="LifecycleLookUpException">Nobody can say where the project lives.</exception>
    public async Task<bool> CheckAsync(DeletionState deletion, CancellationToken cancellation)
    {
        OperationKey key = deletion.Key;
        await CheckStateAsync(deletion, cancellation);
        SourceDeletion request = await catalogue.FindDeletionAsync(key, cancellation) ?? throw new OperationUnknownException(key);
        IProjectStore retained = await OpenAsync(key, key.DestinationRole, remove: false, cancellation);
        IProjectStore source = await OpenAsync(key, key.SourceRole, remove: false, cancellation);
        string? refusal = await FindRefusalAsync(key, cancellation);
        if (refusal is not null || await manifests.FindAsync(key, cancellation) is null)
        {
            if (request.Expected is { } expected)
                await RetainedSide.CheckAsync(key, retained, expected, cancellation);
            if (refusal is not null)
                throw new DeletionRefusedException(key, refusal);
            return await SourceRemoval.IsGoneAsync(source, cancellation);
        }
        using TemporaryManifest manifest = await FetchManifestAsync(key, cancellation);
        SourceRemoval removal = new(key, manifest.Path, clock);
        await removal.CheckRetainedAsync(retained, request.Expected, cancellation);
        await removal.CheckSourceAsync(source, cancellation);
        await retained.SyncAsync(cancellation); // soon it is the only one
        return true;
    }

    /// <summary>Compares a piece of the two sides of an operation that Tiering did not make.</summary>
    /// <returns>Where it ended; null at the end of the proof.</returns>
    /// <exception cref="DeletionRefusedException">The sides do not hold the same, or cannot be compared.</exception>
    public async Task<ProofReach?> ProveAsync(DeletionState deletion, TimeSpan piece, CancellationToken cancellation)
    {
        OperationKey key = deletion.Key;
        IProjectStore retained = await OpenAsync(key, key.DestinationRole, remove: false, cancellation);
        IProjectStore source = await OpenAsync(key, key.SourceRole, remove: false, cancellation);
        return await freshProof.AdvanceAsync(key, source, retained, deletion.Proof, piece, cancellation);
    }

    /// <returns>Whether nothing of the source is left.</returns>
    /// <exception cref="DeletionRefusedException">It must not go on; the message says why.</exception>
    /// <exception cref="LifecycleLookUpException">Nobody can say where the project lives.</exception>
    public async Task<bool> RemoveAsync(DeletionState deletion, TimeSpan piece, CancellationToken cancellation)
    {
        OperationKey key = deletion.Key;
        IProjectStore source = await OpenAsync(key, key.SourceRole, remove: true, cancellation);
        if (await manifests.FindAsync(key, cancellation) is null && await SourceRemoval.IsGoneAsync(source, cancellation))
            return true;
        using TemporaryManifest manifest = await FetchManifestAsync(key, cancellation);
        await CheckStateAsync(deletion, cancellation); // again, right before the first removal
        return await new SourceRemoval(key, manifest.Path, clock).RemoveAsync(source, piece, cancellation);
    }

    private async Task CheckStateAsync(DeletionState deletion, CancellationToken cancellation)
    {
        OperationKey key = deletion.Key;
        ProjectLifecycle project = await authority.LookUpAsync(key.Project, cancellation);
        LifecycleState retained = key.DestinationRole == StorageRole.Hot ? LifecycleState.Hot : LifecycleState.Cool;
        string source = key.SourceRole.ToString().ToUpperInvariant();
        if (project.State is not (LifecycleState.Hot or LifecycleState.Cool))
            throw new DeletionRefusedException(key, "Project data is not in a stable state (HOT or COOL)");
        if (project.State != retained)
            throw new DeletionRefusedException(key, $"Cannot delete active storage side {source}");
        if (!await catalogue.TryClaimDeletionAsync(key, deletion.Generation, cancellation))
            throw new DeletionRefusedException(key, "Another operation works on the project");
    }

    /// <summary>What the operation's own proof lacks: sizes alone never delete. One that Tiering did not make has none here, and gets one.</summary>
    private async Task<string?> FindRefusalAsync(OperationKey key, CancellationToken cancellation) => await catalogue.FindOperationAsync(key, cancellation) switch
    {
        null => null,
        { Status: not OperationStatus.Succeeded } => "The operation has not succeeded",
        { Total: null } => "The operation's totals are not known",
        { Proof: null or "sizes" } => "The operation compared sizes only (proof 'sizes'), and sizes alone prove no content",
        _ => null,
    };

    private async Task<IProjectStore> OpenAsync(OperationKey key, StorageRole role, bool remove, CancellationToken cancellation)
    {
        Location location = locations.For(key.Project, role);
        LocationAccess opened = remove ? await access.ForDeletionAsync(location, cancellation) : await access.ForReadingAsync(location, cancellation);
        return stores.Open(location, opened);
    }

    private async Task<TemporaryManifest> FetchManifestAsync(OperationKey key, CancellationToken cancellation)
    {
        KeptManifest kept = await manifests.FindAsync(key, cancellation) is { Proved: true } found
            ? found
            : throw new DeletionRefusedException(key, "The operation's manifest is not there");
        TemporaryManifest file = new();
        try
        {
            await manifests.CopyToAsync(kept, file.Path, cancellation);
            await ManifestReader.VerifyAsync(file.Path, cancellation);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
