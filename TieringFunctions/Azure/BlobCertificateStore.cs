using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Azure;

/// <summary>Keeps certificates as blobs beside the manifests: <c>HASH-OF-PROJECT/00000001-cool-ID.certificate.json</c>.</summary>
/// <param name="blobs">The container that <see cref="BlobManifestStore"/> uses.</param>
public sealed class BlobCertificateStore(BlobFolder blobs) : ICertificateStore
{
    private const string Ending = ".certificate.json";

    public async Task KeepAsync(KeptManifest manifest, ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        using MemoryStream content = new(file.ToArray());
        await blobs.PutAsync($"{manifest.Project.Hash}/{manifest.Name}{Ending}", content, replace: false, cancellation);
    }

    public async Task<byte[]?> FindAsync(OperationKey operation, CancellationToken cancellation)
    {
        string type = operation.Type == OperationType.Cool ? "cool" : "restore";
        IReadOnlyList<string> all = await blobs.ListAsync(operation.Project.Hash, cancellation);
        if (all.SingleOrDefault(name => name.EndsWith($"-{type}-{operation.Id:D}{Ending}", StringComparison.Ordinal)) is not { } found)
            return null;
        using MemoryStream content = new();
        return await blobs.TryReadAsync($"{operation.Project.Hash}/{found}", content, cancellation) ? content.ToArray() : null;
    }
}
