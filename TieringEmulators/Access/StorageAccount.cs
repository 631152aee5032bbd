using System.Security.Cryptography;
using System.Text;

namespace Tiering.Emulators.Access;

/// <summary>A storage account's name and key.</summary>
/// <param name="name">3 to 24 lower-case letters and digits.</param>
/// <param name="key">The account key in base64.</param>
/// <exception cref="FormatException">The key is not base64.</exception>
public sealed class StorageAccount(string name, string key)
{
    /// <summary>The public key of every storage emulator.</summary>
    public const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly byte[] _key = Convert.FromBase64String(key);

    /// <summary>The account that every storage emulator knows; its key is public.</summary>
    public static StorageAccount Development { get; } = new("devstoreaccount1", DevelopmentKey);

    public string Name { get; } = name;

    internal string Sign(string stringToSign) => Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(stringToSign)));

    public override string ToString() => Name;
}
