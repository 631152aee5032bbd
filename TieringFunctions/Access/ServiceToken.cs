using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Tiering.Functions.Access;

/// <summary>What a bearer token of Euphrosyne's is good for.</summary>
public enum TokenVerdict { Invalid, Forbidden, Allowed }

/// <summary>
/// Judges the JSON Web Tokens that Euphrosyne signs with the shared secret. HS256 and nothing else: what the token says of its own
/// algorithm is only ever compared, never obeyed. Source: euphrosyne-contract.md, 3.1.
/// </summary>
/// <param name="secret">The shared secret; any length from one byte.</param>
/// <param name="time">What time it is.</param>
public sealed class ServiceToken(string secret, TimeProvider time)
{
    private const string ServiceUser = "euphrosyne";
    private const int MaxLength = 8192;
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);
    private readonly byte[] key = Encoding.UTF8.GetBytes(secret);

    public TokenVerdict Judge(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [string header, string payload, string signature])
            return TokenVerdict.Invalid;
        byte[] expected = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{payload}"));
        if (Decode(signature) is not { } given || !CryptographicOperations.FixedTimeEquals(expected, given))
            return TokenVerdict.Invalid;
        if (Parse(header) is not { } head || Text(head, "alg") != "HS256" || head.TryGetProperty("crit", out _))
            return TokenVerdict.Invalid;
        if (Parse(payload) is not { } claims || !IsInTime(claims))
            return TokenVerdict.Invalid;
        return Text(claims, "user_id") == ServiceUser ? TokenVerdict.Allowed : TokenVerdict.Forbidden;
    }

    private bool IsInTime(JsonElement claims)
    {
        double now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (Number(claims, "exp") is not { } expires || expires + Leeway.TotalSeconds <= now)
            return false;
        return !claims.TryGetProperty("nbf", out _) || Number(claims, "nbf") is { } notBefore && notBefore - Leeway.TotalSeconds <= now;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : null;

    private static JsonElement? Parse(string part)
    {
        try
        {
            return Decode(part) is { } json && Utf8.IsValid(json) && JsonSerializer.Deserialize<JsonElement>(json) is { ValueKind: JsonValueKind.Object } element ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Decode(string part)
    {
        if (part.Length == 0 || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || !Base64Url.IsValid(part))
            return null;
        return Base64Url.DecodeFromChars(part);
    }
}
