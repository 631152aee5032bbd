using System.Security.Cryptography;
using System.Text;
using Tiering.Core;

namespace Tiering.Functions.Access;

/// <summary>
/// The tokens that open <c>/api</c>. The first start makes one of 256 random bits: it is shown once, kept for the command line in a file
/// that only this user can read, and known to the catalogue by its hash alone.
/// </summary>
/// <param name="store">Where the hashes are.</param>
/// <param name="file">Where the command line finds the token.</param>
/// <param name="given">The setting <c>TIERING_TOKEN</c>, which then is the only token; null for none.</param>
/// <param name="show">Shows a new token to the person who started the service.</param>
public sealed class ApiTokens(ITokenStore store, string file, string? given, Action<string> show)
{
    private const string FirstName = "operator";
    private const int MinLength = 16;
    private volatile IReadOnlyDictionary<string, string>? names;

    /// <exception cref="ConfigurationException">TIERING_TOKEN is too short to be a secret, or cannot be sent.</exception>
    public static void Check(string? given)
    {
        if (given is { Length: > 0 } && (given.Length < MinLength || given.Any(c => c is <= ' ' or > '~')))
            throw new ConfigurationException($"TIERING_TOKEN must have at least {MinLength} visible ASCII characters");
    }

    /// <summary>Makes the first token, if there is none.</summary>
    /// <exception cref="ConfigurationException">TIERING_TOKEN is not usable.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (given is not null)
        {
            Check(given);
            names = new Dictionary<string, string>(StringComparer.Ordinal) { [Hash(given)] = FirstName };
            return;
        }
        names = await store.ListAsync(cancellation);
        if (names.Count > 0)
            return;
        string? left = await ReadAsync(cancellation); // a start that was killed before the hash was stored
        string token = left ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        if (left is null)
            AtomicFile.Write(file, Encoding.ASCII.GetBytes(token + "\n"));
        await store.PutAsync(FirstName, Hash(token), cancellation);
        names = await store.ListAsync(cancellation);
        show(token);
    }

    /// <summary>The name of the token; null when it opens nothing.</summary>
    public async Task<string?> FindNameAsync(string token, CancellationToken cancellation)
    {
        if (names is null)
            await PrepareAsync(cancellation);
        byte[] presented = Encoding.ASCII.GetBytes(Hash(token));
        string? name = null;
        foreach ((string hash, string known) in names!)
        {
            if (CryptographicOperations.FixedTimeEquals(presented, Encoding.ASCII.GetBytes(hash)))
                name = known; // and on: the time taken tells nothing
        }
        return name;
    }

    private async Task<string?> ReadAsync(CancellationToken cancellation)
    {
        if (!File.Exists(file))
            return null;
        string text = (await File.ReadAllTextAsync(file, cancellation)).Trim();
        return text.Length == 64 && text.All(char.IsAsciiHexDigitLower) ? text : null;
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
