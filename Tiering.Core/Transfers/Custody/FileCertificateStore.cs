using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Custody;

/// <summary>Keeps certificates as files beside the manifests: <c>ROOT/HASH-OF-PROJECT/00000001-cool-ID.certificate.json</c>.</summary>
/// <param name="root">The folder that <see cref="FileManifestStore"/> uses.</param>
public sealed class FileCertificateStore(string root) : ICertificateStore
{
    private const string Ending = ".certificate.json";

    public Task KeepAsync(KeptManifest manifest, ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        string path = Path.Combine(Directory.CreateDirectory(FolderOf(manifest.Project)).FullName, manifest.Name + Ending);
        if (!File.Exists(path))
            AtomicFile.Write(path, file.Span);
        return Task.CompletedTask;
    }

    public async Task<byte[]?> FindAsync(OperationKey operation, CancellationToken cancellation)
    {
        DirectoryInfo folder = new(FolderOf(operation.Project));
        string type = operation.Type == OperationType.Cool ? "cool" : "restore";
        FileInfo? found = folder.Exists ? folder.EnumerateFiles($"*-{type}-{operation.Id:D}{Ending}").SingleOrDefault() : null;
        return found is null ? null : await File.ReadAllBytesAsync(found.FullName, cancellation);
    }

    private string FolderOf(ProjectSlug project) => Path.Combine(root, project.Hash);
}
