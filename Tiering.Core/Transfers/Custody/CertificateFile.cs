using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tiering.Core.Transfers.Custody;

/// <summary>
/// The bytes of a certificate: <c>{"certificate":C,"signature":"S"}</c> and a line feed, with nothing between the parts. C is the
/// certificate's JSON object; the signature (DER, in base64) is made over the bytes of C exactly as they stand in the file. So nothing has
/// to be written again to be checked, and no byte can differ unseen. Source: docs/certificates.md.
/// </summary>
public static class CertificateFile
{
    /// <summary>More than any certificate has.</summary>
    public const int MaxBytes = 1 << 20;

    private static ReadOnlySpan<byte> Head => "{\"certificate\":"u8;

    private static ReadOnlySpan<byte> Middle => ",\"signature\":\""u8;

    private static ReadOnlySpan<byte> Tail => "\"}\n"u8;

    /// <summary>Signs a certificate.</summary>
    /// <param name="certificate">Its key is replaced by the signer's.</param>
    /// <param name="signer">Who vouches for it.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<byte[]> SignAsync(CustodyCertificate certificate, ICertificateSigner signer, CancellationToken cancellation)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(certificate with { SignedBy = signer.Key }, TieringJson.Options);
        byte[] signature = await signer.SignAsync(content, cancellation);
        return [.. Head, .. content, .. Middle, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(signature)), .. Tail];
    }

    /// <summary>SHA-256, in lower-case hexadecimal: how other certificates name this one.</summary>
    public static string HashOf(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>Checks form, key and signature, and gives what was signed.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <param name="trusted">The key that must have signed it; null for whichever it names, which then is for the caller to judge.</param>
    /// <exception cref="CertificateRefusedException">It is not what a key has signed; the message says in what respect.</exception>
    public static CustodyCertificate Verify(ReadOnlyMemory<byte> file, CertificateKey? trusted = null)
    {
        (ReadOnlyMemory<byte> content, byte[] signature) = Split(file);
        CustodyCertificate certificate = Read(content.Span);
        if (certificate.Format != CustodyCertificate.CurrentFormat)
            throw new CertificateRefusedException($"its format is not {CustodyCertificate.CurrentFormat}");
        if (trusted is not null && certificate.SignedBy != trusted)
            throw new CertificateRefusedException($"it names the key {certificate.SignedBy.Fingerprint}, not the key {trusted.Fingerprint}");
        if (!IsSigned(content.Span, signature, certificate.SignedBy))
            throw new CertificateRefusedException("its signature does not fit its content: one of the two was altered");
        return certificate.Verdict == CustodyCertificate.Proved
            ? certificate
            : throw new CertificateRefusedException($"its verdict is not {CustodyCertificate.Proved}");
    }

    /// <summary>The bytes that are signed, and the signature.</summary>
    private static (ReadOnlyMemory<byte> Content, byte[] Signature) Split(ReadOnlyMemory<byte> whole)
    {
        ReadOnlySpan<byte> file = whole.Span;
        int middle = file.LastIndexOf(Middle);
        if (file.Length > MaxBytes || !file.StartsWith(Head) || !file.EndsWith(Tail) || middle < Head.Length || middle + Middle.Length > file.Length - Tail.Length)
            throw new CertificateRefusedException("it has not the form of a certificate, or was written again by another program");
        ReadOnlySpan<byte> text = file[(middle + Middle.Length)..^Tail.Length];
        byte[] signature = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        bool isBase64 = Base64.DecodeFromUtf8(text, signature, out _, out int length) == System.Buffers.OperationStatus.Done;
        // Bits of the last letter that mean nothing, and white space, could be altered unseen.
        return isBase64 && text.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToBase64String(signature, 0, length)))
            ? (whole[Head.Length..middle], signature[..length])
            : throw new CertificateRefusedException("its signature is not base64");
    }

    private static CustodyCertificate Read(ReadOnlySpan<byte> content)
    {
        try
        {
            CustodyCertificate? certificate = JsonSerializer.Deserialize<CustodyCertificate>(content, TieringJson.Options);
            if (certificate is { Operation: not null, Source: not null, Destination: not null, Moved: not null, Manifest: not null, Proof: not null, SignedBy: not null })
                return certificate;
        }
        catch (Exception damaged) when (damaged is JsonException or TieringException)
        {
            throw new CertificateRefusedException("its content cannot be read", damaged);
        }
        throw new CertificateRefusedException("something is missing in its content");
    }

    private static bool IsSigned(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature, CertificateKey key)
    {
        try
        {
            return key.Verifies(content, signature);
        }
        catch (Exception noKey) when (noKey is CryptographicException or PlatformNotSupportedException or FormatException or ArgumentException)
        {
            throw new CertificateRefusedException("the public key in it is none", noKey);
        }
    }
}

/// <param name="reason">In what respect it is not what was signed.</param>
/// <param name="inner">What was caught.</param>
public sealed class CertificateRefusedException(string reason, Exception? inner = null)
    : TieringException("certificate-refused", $"The certificate is refused: {reason}.", isTransient: false, inner);
