using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Vault;

/// <summary>
/// One key of an Azure Key Vault: <c>GET /keys/NAME/VERSION</c> and <c>POST /keys/NAME/VERSION/sign</c>, api-version 7.4. It signs really (ES256).
/// Source: https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign
/// </summary>
public sealed class KeyVaultEmulator : EmulatorServer
{
    private const string Version = "7.4";
    private const string Path = "/keys/tiering/0123456789abcdef0123456789abcdef";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _signed;

    private KeyVaultEmulator()
    {
    }

    /// <summary>The key's identifier: <c>http://127.0.0.1:PORT/keys/tiering/VERSION</c>.</summary>
    public Uri KeyId => new(Root, Path);

    /// <summary>The public half (SubjectPublicKeyInfo, DER).</summary>
    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    /// <summary>Whether a bearer token is let in; all are unless this says otherwise.</summary>
    public Func<string, bool> IsLetIn { get; set; } = _ => true;

    /// <summary>The kind of key that it says it has.</summary>
    public string KeyType { get; set; } = "EC-HSM";

    /// <summary>The curve that it says its key is on.</summary>
    public string Curve { get; set; } = "P-256";

    /// <summary>What its key may be used for.</summary>
    public string[] Operations { get; set; } = ["sign", "verify"];

    /// <summary>Whether its signatures are made by another key than the one it shows.</summary>
    public bool Lies { get; set; }

    /// <summary>How many signatures it has made.</summary>
    public int Signed => Volatile.Read(ref _signed);

    /// <summary>What goes wrong next.</summary>
    public Troubles Troubles { get; } = new();

    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    public static async Task<KeyVaultEmulator> StartAsync(int port = 0)
    {
        KeyVaultEmulator emulator = new();
        await emulator.ListenAsync(port);
        return emulator;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _key.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override async Task HandleAsync(HttpContext http)
    {
        if (Troubles.Meet(http))
            return;
        string authorization = http.Request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("Bearer ", StringComparison.Ordinal) || !IsLetIn(authorization["Bearer ".Length..]))
        {
            http.Response.Headers.WWWAuthenticate = "Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"https://vault.azure.net\"";
            await RefuseAsync(http, 401, "Unauthorized");
            return;
        }
        if (http.Request.Query["api-version"] != Version)
        {
            await RefuseAsync(http, 400, "BadParameter");
            return;
        }
        await ((http.Request.Method, http.Request.Path.Value) switch
        {
            ("GET", Path) => ShowAsync(http),
            ("POST", Path + "/sign") => SignAsync(http),
            _ => RefuseAsync(http, 404, "KeyNotFound"),
        });
    }

    private Task ShowAsync(HttpContext http)
    {
        ECParameters key = _key.ExportParameters(includePrivateParameters: false);
        return http.Response.WriteAsJsonAsync(new
        {
            key = new { kid = KeyId, kty = KeyType, key_ops = Operations, crv = Curve, x = Base64Url.EncodeToString(key.Q.X!), y = Base64Url.EncodeToString(key.Q.Y!) },
            attributes = new { enabled = true, created = 1_700_000_000, updated = 1_700_000_000 },
        });
    }

    private async Task SignAsync(HttpContext http)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        byte[] digest = Base64Url.DecodeFromChars(body.RootElement.GetProperty("value").GetString()!);
        if (body.RootElement.GetProperty("alg").GetString() != "ES256" || digest.Length != 32)
        {
            await RefuseAsync(http, 400, "BadParameter");
            return;
        }
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] signature = (Lies ? other : _key).SignHash(digest); // r and s, 32 bytes each
        Interlocked.Increment(ref _signed);
        await http.Response.WriteAsJsonAsync(new { kid = KeyId, value = Base64Url.EncodeToString(signature) });
    }

    private static Task RefuseAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new { error = new { code, message = "Refused." } });
    }
}
