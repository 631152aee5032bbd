using System.Security.Cryptography;

namespace Tiering.Core.Transfers.Custody;

/// <summary>Signs with a private key (ECDSA, P-256) in PEM: one that is given, or one of its own that the first start makes.</summary>
public sealed class SigningKeyFile : ICertificateSigner, IDisposable
{
    public const string PrivateName = "signing-key.pem";
    public const string PublicName = "signing-key.pub.pem";

    private const string Setting = "TIERING_SIGNING_KEY";
    private readonly ECDsa key;

    private SigningKeyFile(ECDsa key)
    {
        this.key = key;
        Key = CertificateKey.Of(key);
    }

    public CertificateKey Key { get; }

    /// <summary>Opens the key, and keeps its public half beside the state.</summary>
    /// <param name="folder">The state folder; made when it is missing. Without a given key it holds one of its own, mode 0600.</param>
    /// <param name="given">TIERING_SIGNING_KEY: a private key in PEM, or the path of a file that holds one; null for a key of its own.</param>
    /// <exception cref="ConfigurationException">There is no usable private key; the message never shows it.</exception>
    public static SigningKeyFile Open(string folder, string? given)
    {
        Directory.CreateDirectory(folder);
        string own = Path.Combine(folder, PrivateName);
        if (given is null && !File.Exists(own))
            Make(own);
        SigningKeyFile opened = given switch
        {
            null => Import(ReadFile(own, PrivateName), PrivateName),
            _ when given.Contains("-----BEGIN", StringComparison.Ordinal) => Import(given, Setting),
            _ => Import(ReadFile(given, Setting), Setting),
        };
        ShowPublic(folder, opened.Key);
        return opened;
    }

    /// <summary>Keeps the public half beside the state, for all to read.</summary>
    public static void ShowPublic(string folder, CertificateKey key)
    {
        Directory.CreateDirectory(folder);
        string shown = Path.Combine(folder, PublicName);
        if (File.Exists(shown) && File.ReadAllText(shown) == key.ToPem())
            return;
        AtomicFile.Write(shown, System.Text.Encoding.ASCII.GetBytes(key.ToPem()));
        File.SetUnixFileMode(shown, AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        lock (key) // it makes no promise for several threads
            return Task.FromResult(key.SignData(content.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    public void Dispose() => key.Dispose();

    /// <summary>Of two programs that start at once, both use the key of the one that is first.</summary>
    private static void Make(string path)
    {
        using ECDsa fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string candidate = $"{path}.{Guid.NewGuid():N}.new";
        AtomicFile.Write(candidate, System.Text.Encoding.ASCII.GetBytes(fresh.ExportPkcs8PrivateKeyPem() + "\n"));
        try
        {
            File.Move(candidate, path, overwrite: false);
            AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(candidate);
        }
    }

    private static string ReadFile(string path, string what)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The path is not repeated: it may be a key that was pasted without its first line.
            throw new ConfigurationException($"{what} must be a private key in PEM, or the path of a file that holds one and can be read");
        }
    }

    private static SigningKeyFile Import(string pem, string what)
    {
        ECDsa imported = ECDsa.Create();
        try
        {
            imported.ImportFromPem(pem);
            imported.SignData([], HashAlgorithmName.SHA256); // a public key can be imported too, and signs nothing
            return new SigningKeyFile(imported);
        }
        catch (Exception unusable) when (unusable is CryptographicException or PlatformNotSupportedException or ArgumentException)
        {
            imported.Dispose();
            throw new ConfigurationException($"{what} must be an unencrypted private key (EC, curve P-256) in PEM");
        }
    }
}
