using Tiering.Core.Identity;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>The blob container that job folders lie in, and what opens it.</summary>
/// <param name="Address">Its URI, without query and without trailing slash.</param>
/// <param name="Http">As <see cref="Inventories.ProjectStores.CreateClient"/> makes it.</param>
/// <param name="Access">Asked before every request; without a SAS the identity signs in.</param>
/// <param name="Identity">Null without a managed identity.</param>
public sealed record JobContainer(string Address, HttpClient Http, Func<LocationAccess> Access, ITokenSource? Identity)
{
    /// <summary>Names the container: <c>https://ACCOUNT.blob.core.windows.net/CONTAINER</c>.</summary>
    public const string Setting = "TIERING_JOBS";

    private static readonly TimeSpan SasLifetime = TimeSpan.FromHours(1);

    /// <summary>Reads the settings. An account key that is of the container's own account signs its requests; else the identity signs in.</summary>
    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static JobContainer Read(Func<string, string?> setting, HttpClient http, ITokenSource? identity, TimeProvider clock)
    {
        (string address, Uri uri) = AddressOf(setting);
        StorageSettings storage = new(setting);
        string account = setting("AZURE_STORAGE_ACCOUNT")?.Trim() ?? "";
        bool ownAccount = account.Length > 0 && (uri.Host.StartsWith(account + ".", StringComparison.OrdinalIgnoreCase) || uri.AbsolutePath.StartsWith($"/{account}/", StringComparison.Ordinal));
        SasSigner? signer = ownAccount ? storage.Signer() : null;
        if (signer is null && identity is null)
            throw new ConfigurationException($"{Setting} needs a managed identity, or AZURE_STORAGE_ACCOUNT_KEY of its account");
        string name = address[(address.LastIndexOf('/') + 1)..];
        bool https = uri.Scheme == Uri.UriSchemeHttps;
        return new JobContainer(address, http, () => Sign(signer, name, https, clock), identity);
    }

    /// <summary>The address that <c>TIERING_JOBS</c> gives, as it is written and as it is read.</summary>
    /// <exception cref="ConfigurationException">It is missing, or no address of a container.</exception>
    public static (string Text, Uri Uri) AddressOf(Func<string, string?> setting)
    {
        string address = setting(Setting)?.Trim().TrimEnd('/') is { Length: > 0 } text
            ? text
            : throw new ConfigurationException($"{Setting} environment variable is not set");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Query != "" || uri.Fragment != "" || uri.UserInfo != ""
            || uri.AbsolutePath.Length < 2)
        {
            throw new ConfigurationException($"{Setting} must be the http or https address of a container, without query");
        }
        return (address, uri);
    }

    internal Inventories.Remote.StorageRequests Requests() => new(Http, Access, Identity);

    private static LocationAccess Sign(SasSigner? signer, string name, bool https, TimeProvider clock) => signer is null
        ? LocationAccess.None
        : new LocationAccess { OwnSas = signer.ForContainer(name, "racwdl", clock.GetUtcNow() + SasLifetime, https) };

    public override string ToString() => Address;
}
