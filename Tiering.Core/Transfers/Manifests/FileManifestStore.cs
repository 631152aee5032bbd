using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Keeps manifests as files, named as <see cref="ManifestShelf"/> says, in <c>ROOT/HASH-OF-PROJECT</c>.</summary>
/// <param name="root">The folder; made when it is missing.</param>
public sealed class FileManifestStore(string root) : IManifestStore
{
    public async Task<KeptManifest> KeepAsync(ProjectSlug project, OperationKey? operation, string file, bool proved, CancellationToken cancellation)
    {
        await ManifestReader.CheckAsync(project, operation, file, cancellation);
        ManifestShelf shelf = Shelf(project);
        KeptManifest? earlier = operation is null ? null : shelf.Find(operation);
        if (earlier is { Proved: true } && !proved)
            return earlier; // a repeated call from before the proof
        KeptManifest kept = shelf.PlaceOf(operation, proved);
        Directory.CreateDirectory(FolderOf(project));
        await CopyAsync(file, PathOf(kept), cancellation);
        AtomicFile.SyncFolder(root);
        if (earlier is not null && earlier != kept)
            File.Delete(PathOf(earlier)); // a crash before this leaves both: the proved one counts
        return kept;
    }

    public Task<KeptManifest?> LatestAsync(ProjectSlug project, OperationType type, CancellationToken cancellation) =>
        Task.FromResult(Shelf(project).Latest(type));

    public Task<KeptManifest?> FindAsync(OperationKey operation, CancellationToken cancellation) =>
        Task.FromResult(Shelf(operation.Project).Find(operation));

    public Task<IReadOnlyList<KeptManifest>> ExplainingAsync(ProjectSlug project, CancellationToken cancellation) =>
        Task.FromResult(Shelf(project).Explaining());

    public async Task CopyToAsync(KeptManifest manifest, string file, CancellationToken cancellation)
    {
        foreach (string name in ManifestShelf.FilesOf(manifest))
        {
            try
            {
                await CopyAsync(Path.Combine(FolderOf(manifest.Project), name), file, cancellation);
                return;
            }
            catch (FileNotFoundException)
            {
            }
        }
        throw new ManifestCorruptException("it is missing");
    }

    public async Task KeepDraftAsync(OperationKey operation, string file, CancellationToken cancellation)
    {
        await ManifestReader.CheckAsync(operation.Project, operation, file, cancellation);
        Directory.CreateDirectory(FolderOf(operation.Project));
        await CopyAsync(file, DraftOf(operation), cancellation);
        AtomicFile.SyncFolder(root);
    }

    public async Task<bool> FetchDraftAsync(OperationKey operation, string file, CancellationToken cancellation)
    {
        if (!File.Exists(DraftOf(operation)))
            return false;
        await CopyAsync(DraftOf(operation), file, cancellation);
        return true;
    }

    public Task DropDraftAsync(OperationKey operation, CancellationToken cancellation)
    {
        if (File.Exists(DraftOf(operation)))
            File.Delete(DraftOf(operation));
        return Task.CompletedTask;
    }

    private static async Task CopyAsync(string file, string target, CancellationToken cancellation)
    {
        string temporary = $"{target}.{Environment.ProcessId}.tmp";
        await using (FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
        await using (FileStream copy = new(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            await source.CopyToAsync(copy, cancellation);
            copy.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
        AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    private ManifestShelf Shelf(ProjectSlug project)
    {
        DirectoryInfo folder = new(FolderOf(project));
        return new ManifestShelf(project, folder.Exists ? folder.EnumerateFiles().Select(file => file.Name) : []);
    }

    private string PathOf(KeptManifest manifest) => Path.Combine(FolderOf(manifest.Project), ManifestShelf.FileOf(manifest));

    private string DraftOf(OperationKey operation) => Path.Combine(FolderOf(operation.Project), ManifestShelf.DraftOf(operation));

    private string FolderOf(ProjectSlug project) => Path.Combine(root, project.Hash);
}
