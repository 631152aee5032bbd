namespace Tiering.Core.Transfers.Custody;

/// <summary>Signs certificates with a key that never leaves it: a file here, a key vault elsewhere.</summary>
public interface ICertificateSigner
{
    /// <summary>The public half.</summary>
    CertificateKey Key { get; }

    /// <summary>The signature, as <see cref="CertificateKey.Algorithm"/> says. Two signatures of the same content may differ.</summary>
    Task<byte[]> SignAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation);
}
