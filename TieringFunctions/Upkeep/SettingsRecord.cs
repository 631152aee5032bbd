using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Tiering.Core;

namespace Tiering.Functions.Upkeep;

/// <summary>
/// The settings of a start, as they are kept to find what differs at the next. A secret is kept as sixteen bits of a slow, salted hash:
/// enough to see that it was changed, too little to tell it from 65,535 others.
/// </summary>
public static class SettingsRecord
{
    private const string SecretMark = "secret ";
    private const int Rounds = 100_000;
    private static readonly string[] Prefixes = ["TIERING_", "DATA_", "AZCOPY_", "AZURE_", "EUPHROSYNE_", "JWT_", "API_"];
    private static readonly string[] SecretWords = ["KEY", "SECRET", "TOKEN", "PASSWORD", "SAS"];

    /// <param name="configuration">The settings now.</param>
    /// <param name="before">Those of the start before; null for none.</param>
    /// <returns>What is kept now, and a sentence for each that differs; none at the first start.</returns>
    public static (SortedDictionary<string, string> Now, IReadOnlyList<string> Changes) Compare(IConfiguration configuration, IReadOnlyDictionary<string, string>? before)
    {
        SortedDictionary<string, string> now = new(StringComparer.Ordinal);
        foreach ((string name, string? value) in configuration.AsEnumerable())
        {
            if (value is { Length: > 0 } && Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                now[name] = IsSecret(name) ? Masked(value, before?.GetValueOrDefault(name)) : SecretRedactor.Redact(value);
        }
        if (before is null)
            return (now, []);
        IEnumerable<string> names = now.Keys.Union(before.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return (now, [.. names.Select(name => Change(name, before.GetValueOrDefault(name), now.GetValueOrDefault(name))).OfType<string>()]);
    }

    private static string? Change(string name, string? before, string? now) => (before, now) switch
    {
        _ when before == now => null,
        _ when IsSecret(name) => before is null ? $"{name} was set" : now is null ? $"{name} was taken away" : $"{name} was changed",
        (null, _) => $"{name} was set to '{now}'",
        (_, null) => $"{name} was taken away; it was '{before}'",
        _ => $"{name} was changed from '{before}' to '{now}'",
    };

    private static bool IsSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.Ordinal));

    /// <summary>With the salt of the earlier one, so that the same secret gives the same text.</summary>
    private static string Masked(string secret, string? before)
    {
        byte[] salt = before?.Split(' ') is ["secret", string old, _] ? Convert.FromHexString(old) : RandomNumberGenerator.GetBytes(16);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, Rounds, HashAlgorithmName.SHA256, outputLength: 2);
        return $"{SecretMark}{Convert.ToHexStringLower(salt)} {Convert.ToHexStringLower(hash)}";
    }
}
