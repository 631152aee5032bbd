using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tiering.Functions.Euphrosyne;

/// <summary>
/// Signs the tokens that Tiering shows to Euphrosyne. Two claims and no other: the client has no leeway for times, and refuses some names.
/// Source: euphrosyne-contract.md, 3.2.
/// </summary>
public static class OutboundToken
{
    private const long LifetimeSeconds = 300;

    /// <summary>A fresh one, for one request.</summary>
    public static string Create(string secret, DateTimeOffset now)
    {
        string claims = FormattableString.Invariant($$"""{"user_id":"euphrosyne","exp":{{now.ToUnixTimeSeconds() + LifetimeSeconds}}}""");
        string signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
