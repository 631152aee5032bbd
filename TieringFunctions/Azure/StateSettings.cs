using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Tiering.Core;

namespace Tiering.Functions.Azure;

/// <summary>Where the service keeps its own state, and how it signs in there: as itself, or for an emulator by a connection string.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
/// <param name="credential">The identity of this program.</param>
internal sealed partial class StateSettings(Func<string, string?> setting, TokenCredential credential)
{
    private const string Connection = "TIERING_STATE_CONNECTION";

    /// <summary>An answer that takes longer will not come.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>What the tables' names begin with: <c>TIERING_TABLE_PREFIX</c>, default <c>Tiering</c>.</summary>
    /// <exception cref="ConfigurationException">It is no beginning of a table's name.</exception>
    public string TablePrefix => Text("TIERING_TABLE_PREFIX") switch
    {
        null => "Tiering",
        { } prefix when Prefix().IsMatch(prefix) => prefix,
        _ => throw new ConfigurationException("TIERING_TABLE_PREFIX must be a letter and then letters or digits, 40 at most"),
    };

    /// <summary>The account of the tables: <c>TIERING_TABLES</c>, such as <c>https://ACCOUNT.table.core.windows.net</c>.</summary>
    /// <exception cref="ConfigurationException">It is missing, or not an address.</exception>
    public TableServiceClient Tables()
    {
        TableClientOptions options = new();
        options.Retry.NetworkTimeout = AnswerLimit;
        return Text(Connection) is { } connection
            ? Connected(() => new TableServiceClient(connection, options))
            : new TableServiceClient(Address("TIERING_TABLES"), credential, options);
    }

    /// <summary>The container of manifests and certificates: <c>TIERING_MANIFESTS</c>, such as <c>https://ACCOUNT.blob.core.windows.net/CONTAINER</c>.</summary>
    /// <exception cref="ConfigurationException">It is missing, or not an address.</exception>
    public BlobContainerClient Manifests()
    {
        BlobClientOptions options = new();
        options.Retry.NetworkTimeout = TimeSpan.FromMinutes(5); // a block of a large manifest on a slow line
        return Text(Connection) is { } connection
            ? Connected(() => new BlobContainerClient(connection, Text("TIERING_MANIFESTS") ?? "tiering-manifests", options))
            : new BlobContainerClient(Address("TIERING_MANIFESTS"), credential, options);
    }

    /// <summary>What the library says of a connection string that is none may hold its key.</summary>
    private static T Connected<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException or ArgumentException)
        {
            throw new ConfigurationException($"{Connection} must be the connection string of a storage account");
        }
    }

    private Uri Address(string name) => Uri.TryCreate(Text(name), UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps && address.Query == ""
        ? address
        : throw new ConfigurationException($"{name} must be an https address, without query");

    private string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{0,39}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Prefix();
}
