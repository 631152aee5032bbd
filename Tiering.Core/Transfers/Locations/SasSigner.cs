using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tiering.Core.Transfers.Locations;

/// <summary>
/// Signs shared access signatures with an account key. Permissions are given in the service's own order. Tokens come without a leading '?'.
/// Sources: https://learn.microsoft.com/rest/api/storageservices/create-service-sas and create-account-sas
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="key">The account key, decoded.</param>
public sealed class SasSigner(string account, byte[] key)
{
    /// <summary>The version of the signature, and of every request of ours.</summary>
    public const string Version = "2021-12-02";

    /// <summary>For one blob container. Permissions in the order <c>racwdl</c>.</summary>
    public string ForContainer(string container, string permissions, DateTimeOffset expires, bool httpsOnly)
    {
        (string end, string protocol) = (Time(expires), Protocol(httpsOnly));
        // permissions, start, end, resource, identifier, addresses, protocol, version, kind, snapshot, encryption scope, five response headers
        string text = string.Join('\n', permissions, "", end, $"/blob/{account}/{container}", "", "", protocol, Version, "c", "", "", "", "", "", "", "");
        return $"sv={Version}&spr={Escape(protocol)}&se={Escape(end)}&sr=c&sp={permissions}&sig={Sign(text)}";
    }

    /// <summary>For one file share. Permissions in the order <c>rcwdl</c>.</summary>
    public string ForShare(string share, string permissions, DateTimeOffset expires, bool httpsOnly)
    {
        (string end, string protocol) = (Time(expires), Protocol(httpsOnly));
        // permissions, start, end, resource, identifier, addresses, protocol, version, five response headers
        string text = string.Join('\n', permissions, "", end, $"/file/{account}/{share}", "", "", protocol, Version, "", "", "", "", "");
        return $"sv={Version}&spr={Escape(protocol)}&se={Escape(end)}&sr=s&sp={permissions}&sig={Sign(text)}";
    }

    /// <summary>For a whole service of the account: only where a service SAS does not reach.</summary>
    /// <param name="services"><c>b</c> for blobs, <c>f</c> for files.</param>
    /// <param name="types"><c>s</c> service, <c>c</c> container or share, <c>o</c> object.</param>
    /// <param name="permissions">In the order <c>rwdlacup</c>.</param>
    /// <param name="expires">When it stops working.</param>
    /// <param name="httpsOnly">False only for emulators.</param>
    public string ForAccount(string services, string types, string permissions, DateTimeOffset expires, bool httpsOnly)
    {
        (string end, string protocol) = (Time(expires), Protocol(httpsOnly));
        // account, permissions, services, types, start, end, addresses, protocol, version, encryption scope, and an end of line
        string text = string.Join('\n', account, permissions, services, types, "", end, "", protocol, Version, "", "");
        return $"sv={Version}&ss={services}&srt={types}&spr={Escape(protocol)}&se={Escape(end)}&sp={permissions}&sig={Sign(text)}";
    }

    public override string ToString() => $"the signer of {account}";

    private string Sign(string text) => Escape(Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text))));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Protocol(bool httpsOnly) => httpsOnly ? "https" : "https,http";

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
