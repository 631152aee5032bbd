using System.Buffers.Text;
using System.Formats.Asn1;
using System.Net;
using System.Net.Http.Headers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tiering.Core.Identity;

namespace Tiering.Core.Transfers.Custody;

/// <summary>
/// Signs with a key of an Azure Key Vault or managed HSM, which never leaves it: the vault gets a hash and gives the signature. What it gives is
/// checked before it is believed. Source: https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign
/// </summary>
public sealed class KeyVaultSigner : ICertificateSigner
{
    private const string Setting = "TIERING_SIGNING_KEY";
    private const string Version = "api-version=7.4";
    private const int Attempts = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly ITokenSource identity;
    private readonly Uri keyId;
    private readonly TimeSpan firstWait;

    private KeyVaultSigner(HttpClient http, ITokenSource identity, Uri keyId, TimeSpan firstWait) =>
        (this.http, this.identity, this.keyId, this.firstWait) = (http, identity, keyId, firstWait);

    public CertificateKey Key { get; private set; } = null!;

    /// <summary>Whether TIERING_SIGNING_KEY names a key in a vault: an address, and neither a key nor a path.</summary>
    public static bool IsNamedBy(string setting) => setting.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the address of a key.</summary>
    /// <exception cref="ConfigurationException">It is not of the form <c>https://VAULT/keys/NAME/VERSION</c>.</exception>
    public static Uri Parse(string setting) =>
        Uri.TryCreate(setting.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme == "https" && uri is { Query: "", Fragment: "", UserInfo: "" }
            && uri.AbsolutePath.Split('/') is ["", "keys", { Length: > 0 }, { Length: > 0 }]
            ? uri
            : throw new ConfigurationException($"{Setting} must name one version of a key in a vault: https://VAULT.vault.azure.net/keys/NAME/VERSION");

    /// <summary>Asks the vault for the public half. What is no key that can sign certificates is refused.</summary>
    /// <param name="http">Follows no redirects.</param>
    /// <param name="identity">Opens the vault.</param>
    /// <param name="keyId">The key, with its version.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="firstWait">How long the second attempt waits, a second when null; each further one waits twice as long.</param>
    /// <exception cref="ConfigurationException">The key cannot be used.</exception>
    /// <exception cref="KeyVaultException">The vault refuses, or does not answer.</exception>
    public static async Task<KeyVaultSigner> OpenAsync(HttpClient http, ITokenSource identity, Uri keyId, CancellationToken cancellation, TimeSpan? firstWait = null)
    {
        KeyVaultSigner signer = new(http, identity, keyId, firstWait ?? TimeSpan.FromSeconds(1));
        signer.Key = await signer.AskAsync(HttpMethod.Get, "", body: null, ReadKey, cancellation);
        return signer;
    }

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        byte[] hash = SHA256.HashData(content.Span);
        string body = $$"""{"alg":"ES256","value":"{{Base64Url.EncodeToString(hash)}}"}""";
        return AskAsync(HttpMethod.Post, "/sign", body, answer => ReadSignature(answer, hash), cancellation);
    }

    private async Task<T> AskAsync<T>(HttpMethod method, string action, string? body, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        string resource = ResourceOf(keyId);
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            try
            {
                string token = await identity.GetAsync(resource, cancellation);
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(Patience);
                using HttpRequestMessage request = new(method, $"{keyId.AbsoluteUri}{action}?{Version}");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                if (body is not null)
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await http.SendAsync(request, patience.Token);
                string text = await answer.Content.ReadAsStringAsync(patience.Token);
                if (answer.IsSuccessStatusCode)
                {
                    using JsonDocument json = JsonDocument.Parse(text);
                    return read(json.RootElement);
                }
                bool isFirst401 = answer.StatusCode == HttpStatusCode.Unauthorized && attempt == 1;
                if (isFirst401)
                    identity.Refused(resource); // it may have been taken back before its time
                bool isTransient = isFirst401 || answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500;
                if (!isTransient || attempt == Attempts)
                    throw new KeyVaultException($"answers {(int)answer.StatusCode}", isTransient);
                asked = answer.Headers.RetryAfter?.Delta;
            }
            catch (Exception lost) when (IsLost(lost) && !cancellation.IsCancellationRequested)
            {
                if (attempt == Attempts)
                    throw new KeyVaultException("does not answer, or not with what was asked", isTransient: true, lost);
            }
            TimeSpan wait = firstWait * Math.Pow(2, attempt - 1);
            await Task.Delay(asked > wait ? asked.Value : wait, cancellation);
        }
    }

    private static bool IsLost(Exception failure) =>
        failure is HttpRequestException or IOException or OperationCanceledException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException;

    // The name of the vault is the first part of its host; the rest is what tokens are for.
    private static string ResourceOf(Uri key) => key.HostNameType == UriHostNameType.Dns && key.Host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
        ? $"https://{key.Host[(dot + 1)..]}"
        : "https://vault.azure.net";

    private static CertificateKey ReadKey(JsonElement answer)
    {
        JsonElement key = answer.GetProperty("key");
        string kind = key.GetProperty("kty").GetString() ?? "";
        if (kind is not ("EC" or "EC-HSM") || key.GetProperty("crv").GetString() != "P-256")
            throw new ConfigurationException($"{Setting} must name a key of the kind EC or EC-HSM on the curve P-256");
        if (key.TryGetProperty("key_ops", out JsonElement uses) && !uses.EnumerateArray().Any(use => use.ValueEquals("sign")))
            throw new ConfigurationException($"{Setting} names a key that may not sign");
        ECParameters point = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(key.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(key.GetProperty("y").GetString()) },
        };
        try
        {
            using ECDsa publicKey = ECDsa.Create(point);
            return CertificateKey.Of(publicKey);
        }
        catch (CryptographicException damaged)
        {
            throw new ConfigurationException($"{Setting} names a key whose public half is no point of the curve P-256 ({damaged.GetType().Name})");
        }
    }

    private byte[] ReadSignature(JsonElement answer, byte[] hash)
    {
        using ECDsa publicKey = ECDsa.Create();
        publicKey.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Key.PublicKey), out _);
        byte[] pair = Base64Url.DecodeFromChars(answer.GetProperty("value").GetString()); // r and s, 32 bytes each
        if (pair.Length != 64 || !publicKey.VerifyHash(hash, pair, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            throw new KeyVaultException("gave a signature that is not its key's", isTransient: false);
        AsnWriter der = new(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteInteger(new BigInteger(pair.AsSpan(0, 32), isUnsigned: true, isBigEndian: true));
            der.WriteInteger(new BigInteger(pair.AsSpan(32), isUnsigned: true, isBigEndian: true));
        }
        return der.Encode();
    }
}

/// <param name="what">What the vault did.</param>
/// <param name="isTransient">Whether trying again may help.</param>
/// <param name="inner">What was caught.</param>
public sealed class KeyVaultException(string what, bool isTransient, Exception? inner = null)
    : TieringException("key-vault", $"The vault with the signing key {what}.", isTransient, inner);
