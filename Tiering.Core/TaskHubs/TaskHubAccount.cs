using System.Text.RegularExpressions;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.TaskHubs;

/// <summary>The storage account that a task hub of Durable Functions lies in, and what opens it.</summary>
/// <param name="Tables">The service of tables, without trailing slash.</param>
/// <param name="Blobs">The service of blobs, without trailing slash.</param>
/// <param name="Signer">Signs requests by the account's key; null where an identity signs in.</param>
public sealed partial record TaskHubAccount(string Tables, string Blobs, SasSigner? Signer)
{
    /// <summary>A connection string, for an emulator or an account with keys. It is secret, and so never an argument.</summary>
    public const string ConnectionSetting = "TIERING_TASK_HUB_CONNECTION";

    private static readonly TimeSpan SasLifetime = TimeSpan.FromHours(1);

    /// <param name="account">The account's name, or the https address of its tables in another cloud.</param>
    /// <param name="connection">A connection string of the same account; null for none.</param>
    /// <exception cref="ConfigurationException">One of them is not right; the message names it, and shows nothing of the connection string.</exception>
    public static TaskHubAccount Parse(string account, string? connection)
    {
        if (connection is not null)
            return OfConnection(account, connection);
        if (Name().IsMatch(account))
            return new TaskHubAccount($"https://{account}.table.core.windows.net", $"https://{account}.blob.core.windows.net", Signer: null);
        if (Uri.TryCreate(account, UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/" && address.UserInfo == ""
            && address.Fragment == "" && address.Host.Contains(".table.", StringComparison.OrdinalIgnoreCase))
        {
            string tables = address.GetLeftPart(UriPartial.Authority);
            return new TaskHubAccount(tables, tables.Replace(".table.", ".blob.", StringComparison.OrdinalIgnoreCase), Signer: null);
        }
        throw new ConfigurationException("The account must be the name of a storage account (3 to 24 lower-case letters and digits), or the https address of its tables, "
            + "such as https://ACCOUNT.table.core.windows.net");
    }

    /// <summary>What opens tables and blobs for reading, now.</summary>
    internal LocationAccess Access() => Signer is null
        ? LocationAccess.None
        : new LocationAccess { OwnSas = Signer.ForAccount("bt", "sco", "rl", TimeProvider.System.GetUtcNow() + SasLifetime, httpsOnly: !Tables.StartsWith("http:", StringComparison.Ordinal)) };

    public override string ToString() => Tables;

    private static TaskHubAccount OfConnection(string account, string connection)
    {
        Dictionary<string, string> parts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string part in connection.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int end = part.IndexOf('=', StringComparison.Ordinal);
            if (end > 0)
                parts[part[..end]] = part[(end + 1)..];
        }
        string name = parts.GetValueOrDefault("AccountName", "");
        if (name != account)
            throw new ConfigurationException($"{ConnectionSetting} is not of the account {account}");
        byte[] key = new byte[128];
        if (!Convert.TryFromBase64String(parts.GetValueOrDefault("AccountKey", ""), key, out int length) || length == 0)
            throw new ConfigurationException($"{ConnectionSetting} needs AccountName and AccountKey");
        return new TaskHubAccount(Endpoint(parts, name, "table"), Endpoint(parts, name, "blob"), new SasSigner(name, key[..length]));
    }

    private static string Endpoint(Dictionary<string, string> parts, string account, string service)
    {
        string text = parts.TryGetValue(service + "Endpoint", out string? given)
            ? given
            : $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.{service}.{parts.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.Query == ""
            ? text.TrimEnd('/')
            : throw new ConfigurationException($"{ConnectionSetting} has an endpoint of the {service} service that is no address");
    }

    [GeneratedRegex("^[a-z0-9]{3,24}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Name();
}
