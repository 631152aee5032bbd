using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Azure;

/// <summary>Keeps manifests as blobs, named as <see cref="ManifestShelf"/> says, in <c>HASH-OF-PROJECT/</c>.</summary>
public sealed class BlobManifestStore(BlobFolder blobs) : IManifestStore
{
    public async Task<KeptManifest> KeepAsync(ProjectSlug project, OperationKey? operation, string file, bool proved, CancellationToken cancellation)
    {
        await ManifestReader.CheckAsync(project, operation, file, cancellation);
        ManifestShelf shelf = await ShelfAsync(project, cancellation);
        KeptManifest? earlier = operation is null ? null : shelf.Find(operation);
        if (earlier is { Proved: true } && !proved)
            return earlier; // a repeated call from before the proof
        KeptManifest kept = shelf.PlaceOf(operation, proved);
        await using (FileStream content = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
            await blobs.PutAsync(NameOf(kept), content, replace: true, cancellation);
        if (earlier is not null && earlier != kept)
            await blobs.RemoveAsync(NameOf(earlier), cancellation); // a crash before this leaves both: the proved one counts
        return kept;
    }

    public async Task<KeptManifest?> LatestAsync(ProjectSlug project, OperationType type, CancellationToken cancellation) =>
        (await ShelfAsync(project, cancellation)).Latest(type);

    public async Task<KeptManifest?> FindAsync(OperationKey operation, CancellationToken cancellation) =>
        (await ShelfAsync(operation.Project, cancellation)).Find(operation);

    public async Task<IReadOnlyList<KeptManifest>> ExplainingAsync(ProjectSlug project, CancellationToken cancellation) =>
        (await ShelfAsync(project, cancellation)).Explaining();

    public async Task CopyToAsync(KeptManifest manifest, string file, CancellationToken cancellation)
    {
        foreach (string name in ManifestShelf.FilesOf(manifest))
        {
            if (await TryReadAsync($"{manifest.Project.Hash}/{name}", file, cancellation))
                return;
        }
        throw new ManifestCorruptException("it is missing");
    }

    public async Task KeepDraftAsync(OperationKey operation, string file, CancellationToken cancellation)
    {
        await ManifestReader.CheckAsync(operation.Project, operation, file, cancellation);
        await using FileStream content = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        await blobs.PutAsync(DraftOf(operation), content, replace: true, cancellation);
    }

    public Task<bool> FetchDraftAsync(OperationKey operation, string file, CancellationToken cancellation) => TryReadAsync(DraftOf(operation), file, cancellation);

    public Task DropDraftAsync(OperationKey operation, CancellationToken cancellation) => blobs.RemoveAsync(DraftOf(operation), cancellation);

    private async Task<bool> TryReadAsync(string name, string file, CancellationToken cancellation)
    {
        string temporary = $"{file}.{Environment.ProcessId}.tmp";
        await using (FileStream copy = new(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            if (!await blobs.TryReadAsync(name, copy, cancellation))
            {
                File.Delete(temporary);
                return false;
            }
            copy.Flush(flushToDisk: true);
        }
        File.Move(temporary, file, overwrite: true);
        AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        return true;
    }

    private static string DraftOf(OperationKey operation) => $"{operation.Project.Hash}/{ManifestShelf.DraftOf(operation)}";

    private async Task<ManifestShelf> ShelfAsync(ProjectSlug project, CancellationToken cancellation) =>
        new(project, await blobs.ListAsync(project.Hash, cancellation));

    private static string NameOf(KeptManifest manifest) => $"{manifest.Project.Hash}/{ManifestShelf.FileOf(manifest)}";
}
