using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tiering.Emulators.Euphrosyne;

/// <summary>Tokens as the client makes and judges them: without any leeway, and with the scheme spelt <c>Bearer</c>.</summary>
public static class ClientToken
{
    /// <summary>What the client shows to Tiering.</summary>
    public static string Create(string secret, DateTimeOffset now)
    {
        long issued = now.ToUnixTimeSeconds();
        byte[] claims = JsonSerializer.SerializeToUtf8Bytes(new
        {
            token_type = "access", exp = issued + 300, iat = issued, jti = Guid.NewGuid().ToString("N"), user_id = "euphrosyne", projects = Array.Empty<string>(), is_admin = true,
        });
        string signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(secret, signed))}";
    }

    /// <summary>Why the client refuses a header; null when it does not.</summary>
    public static string? Refusal(string? header, string secret, DateTimeOffset now)
    {
        if (header?.StartsWith("Bearer ", StringComparison.Ordinal) != true)
            return "no bearer token";
        try
        {
            return header["Bearer ".Length..].Split('.') is [string head, string payload, string signature]
                ? Judge($"{head}.{payload}", signature, secret, now)
                : "not three parts";
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return $"malformed: {wrong.Message}";
        }
    }

    private static string? Judge(string signed, string signature, string secret, DateTimeOffset now)
    {
        if (!CryptographicOperations.FixedTimeEquals(Sign(secret, signed), Base64Url.DecodeFromChars(signature)))
            return "bad signature";
        string[] parts = signed.Split('.');
        JsonElement head = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(parts[0]));
        JsonElement claims = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(parts[1]));
        if (head.GetProperty("alg").GetString() != "HS256")
            return "other algorithm";
        if (claims.EnumerateObject().FirstOrDefault(claim => claim.Name is not ("user_id" or "exp")) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            return $"claim {other.Name}";
        if (claims.GetProperty("exp").GetInt64() is var expires && (expires <= now.ToUnixTimeSeconds() || expires > now.ToUnixTimeSeconds() + 600))
            return "expired, or not of five minutes";
        return claims.GetProperty("user_id").GetString() == "euphrosyne" ? null : "other user";
    }

    private static byte[] Sign(string secret, string signed) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
}
