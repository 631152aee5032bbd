using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Deletion;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Orchestrations;

namespace Tiering.Functions.Activities;

/// <summary>
/// The only way to a project's data that removes it: every call asks again whether the project lives on the other side, and nothing is
/// removed that the operation's manifest does not hold.
/// </summary>
public sealed class SourceDeletionGate(ICatalogue catalogue, ProjectLocations locations, IAccessIssuer access, ProjectStores stores, IManifestStore manifests, TimeProvider clock)
{
    /// <exception cref="DeletionRefusedException">It must not be deleted; the message says why.</exception>
    public async Task CheckAsync(DeletionState deletion, CancellationToken cancellation)
    {
        await CheckStateAsync(deletion.Key, cancellation);
        SourceDeletion request = await catalogue.FindDeletionAsync(deletion.Key, cancellation) ?? throw new OperationUnknownException(deletion.Key);
        using TemporaryManifest manifest = await FetchManifestAsync(deletion.Key, cancellation);
        SourceRemoval removal = new(deletion.Key, manifest.Path, clock);
        await removal.CheckRetainedAsync(await OpenAsync(deletion.Key, deletion.Key.DestinationRole, remove: false, cancellation), request.Expected, cancellation);
        await removal.CheckSourceAsync(await OpenAsync(deletion.Key, deletion.Key.SourceRole, remove: false, cancellation), cancellation);
    }

    /// <returns>Whether nothing of the source is left.</returns>
    /// <exception cref="DeletionRefusedException">It must not go on; the message says why.</exception>
    public async Task<bool> RemoveAsync(DeletionState deletion, TimeSpan piece, CancellationToken cancellation)
    {
        using TemporaryManifest manifest = await FetchManifestAsync(deletion.Key, cancellation);
        IProjectStore source = await OpenAsync(deletion.Key, deletion.Key.SourceRole, remove: true, cancellation);
        await CheckStateAsync(deletion.Key, cancellation); // again, right before the first removal
        return await new SourceRemoval(deletion.Key, manifest.Path, clock).RemoveAsync(source, piece, cancellation);
    }

    private async Task CheckStateAsync(OperationKey key, CancellationToken cancellation)
    {
        Project project = await catalogue.FindProjectAsync(key.Project, cancellation) ?? throw new ProjectUnknownException(key.Project);
        LifecycleState retained = key.DestinationRole == StorageRole.Hot ? LifecycleState.Hot : LifecycleState.Cool;
        string source = key.SourceRole.ToString().ToUpperInvariant();
        if (project.State is not (LifecycleState.Hot or LifecycleState.Cool))
            throw new DeletionRefusedException(key, "Project data is not in a stable state (HOT or COOL)");
        if (project.State != retained)
            throw new DeletionRefusedException(key, $"Cannot delete active storage side {source}");
    }

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
            : throw new DeletionRefusedException(key, "its manifest is not there");
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

    private sealed class TemporaryManifest : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tiering-");

        public string Path => System.IO.Path.Combine(folder.FullName, "manifest.jsonl.gz");

        public void Dispose() => folder.Delete(recursive: true);
    }
}
