using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Identity;

/// <summary>
/// Hands out tokens of a managed identity, as App Service, Functions and Container Apps do (<c>IDENTITY_ENDPOINT</c>, <c>IDENTITY_HEADER</c>)
/// and as the metadata service of a virtual machine does (<c>AZURE_POD_IDENTITY_AUTHORITY_HOST</c>). The tokens are JSON Web Tokens whose signature is
/// nobody's: Azurite takes them with <c>--oauth basic</c>.
/// </summary>
public sealed class IdentityEmulator : EmulatorServer
{
    private const string Tenant = "00000000-0000-4000-8000-000000000001";
    private const string Self = "00000000-0000-4000-8000-000000000002";

    private readonly ConcurrentQueue<TokenRequest> _asked = new();

    private IdentityEmulator()
    {
    }

    /// <summary>The value of <c>IDENTITY_ENDPOINT</c>.</summary>
    public Uri Endpoint => new(Root, "msi/token");

    /// <summary>The value of <c>AZURE_POD_IDENTITY_AUTHORITY_HOST</c>.</summary>
    public Uri MachineEndpoint => Root;

    /// <summary>The value of <c>IDENTITY_HEADER</c>.</summary>
    public string Secret { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>How long tokens work from now on.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What goes wrong next.</summary>
    public Troubles Troubles { get; } = new();

    /// <summary>The requests that got a token, oldest first.</summary>
    public IReadOnlyList<TokenRequest> Asked => [.. _asked];

    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    public static async Task<IdentityEmulator> StartAsync(int port = 0)
    {
        IdentityEmulator emulator = new();
        await emulator.ListenAsync(port);
        return emulator;
    }

    private protected override async Task HandleAsync(HttpContext http)
    {
        if (Troubles.Meet(http))
            return;
        bool isAllowed = (http.Request.Method, http.Request.Path.Value) switch
        {
            ("GET", "/msi/token") => http.Request.Headers["X-IDENTITY-HEADER"] == Secret && http.Request.Query["api-version"] == "2019-08-01",
            ("GET", "/metadata/identity/oauth2/token") => http.Request.Headers["Metadata"] == "true" && http.Request.Query["api-version"] == "2018-02-01",
            _ => false,
        };
        string resource = http.Request.Query["resource"].ToString();
        if (!isAllowed || resource.Length == 0)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsJsonAsync(new { error = "invalid_request", error_description = "Not a request for a token." });
            return;
        }
        string? client = http.Request.Query["client_id"];
        DateTimeOffset expires = DateTimeOffset.UtcNow + Lifetime;
        string token = Token(resource, client, expires);
        _asked.Enqueue(new TokenRequest(resource, client, http.Request.Path.Value!, token));
        await http.Response.WriteAsJsonAsync(new
        {
            access_token = token,
            expires_on = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            resource,
            token_type = "Bearer",
            client_id = client ?? Self,
        });
    }

    internal static string Token(string resource, string? client, DateTimeOffset expires)
    {
        long end = expires.ToUnixTimeSeconds();
        long start = Math.Min(end, DateTimeOffset.UtcNow.ToUnixTimeSeconds()) - 60;
        string payload = JsonSerializer.Serialize(new
        {
            aud = resource, iss = $"https://sts.windows.net/{Tenant}/", iat = start, nbf = start, exp = end, oid = Self, appid = client ?? Self, tid = Tenant, ver = "1.0",
        });
        return $"{Part("""{"typ":"JWT","alg":"RS256","kid":"emulated"}""")}.{Part(payload)}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(64))}";
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}

/// <summary>One token that was handed out.</summary>
/// <param name="Resource">What it opens.</param>
/// <param name="ClientId">The identity that was named; null for the only one.</param>
/// <param name="Path">Which of the two endpoints was asked.</param>
/// <param name="Token">The token.</param>
public sealed record TokenRequest(string Resource, string? ClientId, string Path, string Token);
