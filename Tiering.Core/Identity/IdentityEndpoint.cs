namespace Tiering.Core.Identity;

/// <summary>
/// Where the platform hands out tokens of a managed identity. Sources: https://learn.microsoft.com/azure/app-service/overview-managed-identity
/// and https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
/// </summary>
public sealed class IdentityEndpoint
{
    private readonly string address;
    private readonly string header;
    private readonly string secret;
    private readonly string? clientId;

    private IdentityEndpoint(string address, string header, string secret, string? clientId) =>
        (this.address, this.header, this.secret, this.clientId) = (address, header, secret, clientId);

    /// <summary>
    /// The endpoint that App Service, Functions and Container Apps name in IDENTITY_ENDPOINT and IDENTITY_HEADER, else the metadata service of
    /// an Azure machine (elsewhere than usual: AZURE_POD_IDENTITY_AUTHORITY_HOST). AZCOPY_MSI_CLIENT_ID, else AZURE_CLIENT_ID, names one of
    /// several identities.
    /// </summary>
    /// <param name="setting">Gives a setting by its name; null when it is not set.</param>
    /// <exception cref="ConfigurationException">An address is none.</exception>
    public static IdentityEndpoint Read(Func<string, string?> setting)
    {
        string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;
        string Address(string name, string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0
            ? text.TrimEnd('/')
            : throw new ConfigurationException($"{name} must be an http or https address without query");

        string? client = Text("AZCOPY_MSI_CLIENT_ID") ?? Text("AZURE_CLIENT_ID");
        const string given = "IDENTITY_ENDPOINT", elsewhere = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
        string? platform = Text(given) is { } named ? Address(given, named) : null;
        string machine = Address(elsewhere, Text(elsewhere) ?? "http://169.254.169.254");
        if (platform is not null && Text("IDENTITY_HEADER") is { } secret)
            return new IdentityEndpoint($"{platform}?api-version=2019-08-01", "X-IDENTITY-HEADER", secret, client);
        return new IdentityEndpoint($"{machine}/metadata/identity/oauth2/token?api-version=2018-02-01", "Metadata", "true", client);
    }

    /// <summary>The request for a token.</summary>
    internal HttpRequestMessage Ask(string resource)
    {
        string identity = clientId is null ? "" : $"&client_id={Uri.EscapeDataString(clientId)}";
        HttpRequestMessage request = new(HttpMethod.Get, $"{address}&resource={Uri.EscapeDataString(resource)}{identity}");
        request.Headers.TryAddWithoutValidation(header, secret);
        return request;
    }

    public override string ToString() => address; // the secret stays here
}
