using System.Security.Cryptography;

namespace Tiering.Core.Transfers.Custody;

/// <summary>The public half of a signing key, as a certificate carries it.</summary>
/// <param name="Algorithm">Always <see cref="Es256"/>.</param>
/// <param name="Fingerprint">SHA-256 of the public key's bytes, in lower-case hexadecimal: what people compare.</param>
/// <param name="PublicKey">The public key (SubjectPublicKeyInfo, DER) in base64.</param>
public sealed record CertificateKey(string Algorithm, string Fingerprint, string PublicKey)
{
    /// <summary>ECDSA on the curve P-256 over the SHA-256 of what is signed; the signature is a DER sequence.</summary>
    public const string Es256 = "ES256";

    private const string P256 = "1.2.840.10045.3.1.7";

    /// <param name="publicKey">SubjectPublicKeyInfo, DER.</param>
    public static CertificateKey Of(ReadOnlySpan<byte> publicKey) =>
        new(Es256, Convert.ToHexStringLower(SHA256.HashData(publicKey)), Convert.ToBase64String(publicKey));

    /// <exception cref="ArgumentException">The key is on another curve than P-256.</exception>
    public static CertificateKey Of(ECDsa key) => IsP256(key)
        ? Of(key.ExportSubjectPublicKeyInfo())
        : throw new ArgumentException("The key is not on the curve P-256.", nameof(key));

    /// <summary>Reads a public key, or the public half of a private one, from PEM.</summary>
    /// <exception cref="ArgumentException">It is no key of the curve P-256.</exception>
    public static CertificateKey OfPem(string pem)
    {
        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception damaged) when (damaged is CryptographicException or PlatformNotSupportedException)
        {
            throw new ArgumentException("The text is no key in PEM.", nameof(pem), damaged);
        }
        return Of(key);
    }

    /// <summary>The public key in PEM, for a file of its own.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", Convert.FromBase64String(PublicKey)) + "\n";

    /// <summary>Whether this key made the signature.</summary>
    /// <exception cref="FormatException">The public key is not base64.</exception>
    /// <exception cref="CryptographicException">It is no key.</exception>
    /// <exception cref="PlatformNotSupportedException">It is on a curve that nobody knows.</exception>
    public bool Verifies(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        byte[] publicKey = Convert.FromBase64String(PublicKey);
        if (this != Of(publicKey))
            return false; // the fingerprint is not this key's, or it is written in another way
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return this == Of(key) && key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool IsP256(ECDsa key)
    {
        try
        {
            return key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && curve.Oid.Value == P256;
        }
        catch (CryptographicException)
        {
            return false; // a curve without a name
        }
    }
}
