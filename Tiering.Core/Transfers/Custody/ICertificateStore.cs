using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Custody;

/// <summary>Keeps the certificate of every operation that succeeded, beside its manifest. What is kept never changes.</summary>
public interface ICertificateStore
{
    /// <summary>Keeps a certificate, durably; one that is kept already for this manifest stays, so that a repeat changes nothing.</summary>
    Task KeepAsync(KeptManifest manifest, ReadOnlyMemory<byte> file, CancellationToken cancellation);

    /// <summary>The bytes as they were kept; null when the operation has no certificate.</summary>
    Task<byte[]?> FindAsync(OperationKey operation, CancellationToken cancellation);
}
