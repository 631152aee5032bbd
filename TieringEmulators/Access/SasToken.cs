using System.Globalization;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Access;

/// <summary>A shared access signature as it stands in a query, and the text that its signature covers.
/// Source: "Create an account SAS", "Create a service SAS".</summary>
internal sealed class SasToken
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd"];

    private readonly Func<string, string?> _field;

    public SasToken(Func<string, string?> field) => _field = field;

    public string Signature => this["sig"];

    public string Version => this["sv"];

    public string Permissions => this["sp"];

    public string Protocols => this["spr"];

    public string Addresses => this["sip"];

    public string Policy => this["si"];

    /// <summary>s for a share, f for a file; empty for an account SAS.</summary>
    public string Resource => this["sr"];

    public string Services => this["ss"];

    public string ResourceTypes => this["srt"];

    public bool IsAccount => Services.Length > 0 || ResourceTypes.Length > 0;

    public string this[string name] => _field(name) ?? "";

    /// <summary>From when it holds; null when it does not say.</summary>
    public DateTimeOffset? Start => Time("st");

    public DateTimeOffset? Expiry => Time("se");

    /// <summary>What an account SAS signs. Since 2020-12-06 it ends with the encryption scope.</summary>
    public string AccountStringToSign(string account)
    {
        List<string> lines = [account, Permissions, Services, ResourceTypes, this["st"], this["se"], Addresses, Protocols, Version];
        if (string.CompareOrdinal(Version, "2020-12-06") >= 0)
            lines.Add(this["ses"]);
        return string.Join('\n', lines) + '\n';
    }

    /// <summary>What a service SAS of Azure Files signs.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="resource">Share, and for a file its path, decoded.</param>
    public string FileStringToSign(string account, string resource) => string.Join(
        '\n', Permissions, this["st"], this["se"], $"/file/{account}/{resource}", Policy, Addresses, Protocols, Version,
        this["rscc"], this["rscd"], this["rsce"], this["rscl"], this["rsct"]);

    private DateTimeOffset? Time(string name)
    {
        string text = this[name];
        if (text.Length == 0)
            return null;
        return DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw AccessDenied.NotAuthentic($"{name} is not well formed.");
    }
}

/// <summary>The ways in which access is denied. Source: "Common REST API error codes".</summary>
internal static class AccessDenied
{
    public static StorageException NoAuthentication() =>
        new(401, "NoAuthenticationInformation", "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.");

    public static StorageException NotAuthentic(string detail) => new(
        403, "AuthenticationFailed",
        $"Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. {detail}");

    public static StorageException Permission() =>
        new(403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.");

    public static StorageException Service() =>
        new(403, "AuthorizationServiceMismatch", "This request is not authorized to perform this operation using this service.");

    public static StorageException ResourceType() =>
        new(403, "AuthorizationResourceTypeMismatch", "This request is not authorized to perform this operation using this resource type.");

    public static StorageException Operation() => new(403, "AuthorizationFailure", "This request is not authorized to perform this operation.");

    public static StorageException Protocol() =>
        new(403, "AuthorizationProtocolMismatch", "This request is not authorized to perform this operation using this protocol.");

    public static StorageException Address() =>
        new(403, "AuthorizationSourceIPMismatch", "This request is not authorized to perform this operation using this source IP.");
}
