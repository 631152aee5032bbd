using System.Collections;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>The settings with which <c>./run</c> starts the service.</summary>
public sealed class ServiceSettings
{
    private static readonly string[] StoragePrefixes = ["DATA_", "AZURE_", "EUPHROSYNE_", "JWT_", "TIERING_PROOF"];
    private static readonly string[] SecretWords = ["KEY", "SECRET", "TOKEN", "PASSWORD", "SAS"];

    private readonly Dictionary<string, string> _own;
    private readonly Dictionary<string, string?> _effective = new(StringComparer.Ordinal);

    private ServiceSettings(ShowcaseOptions options)
    {
        _own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TIERING_DATA"] = options.Data,
            ["AZCOPY_PATH"] = Path.Combine(options.Root, "tools", ".setup", "azcopy"),
            ["ASPNETCORE_URLS"] = options.Address.GetLeftPart(UriPartial.Authority),
        };
    }

    /// <summary>Whether the cool data lies in Azurite.</summary>
    public bool NeedsAzurite { get; private init; }

    /// <summary>Whether the hot data lies in an emulated file share, from which only the front to Azurite can copy.</summary>
    public bool NeedsEmulators { get; private init; }

    /// <summary>What the service gets on top of this process's environment; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment => _effective;

    /// <summary>For the showcase: a folder or an emulated share, and Azurite, whatever the environment says. It must never reach a real account.</summary>
    public static ServiceSettings ForShowcase(ShowcaseOptions options)
    {
        ServiceSettings settings = new(options) { NeedsAzurite = true, NeedsEmulators = options.Hot == LocationKind.Share };
        foreach (string name in Inherited().Where(name => StoragePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))))
            settings._effective[name] = null;
        settings.Take(Local(options).Concat(settings._own));
        settings._effective["AZCOPY_POLL_INTERVAL_SECONDS"] = "1"; // somebody is watching
        return settings;
    }

    /// <summary>For <c>--serve</c>: what the environment sets, and what <c>--hot</c> says and Azurite where it says nothing about storage.</summary>
    public static ServiceSettings ForService(ShowcaseOptions options, Func<string, string?> variable)
    {
        bool isLocal = variable("DATA_BACKEND") is null && variable("DATA_BACKEND_COOL") is null && variable("AZURE_STORAGE_ACCOUNT") is null;
        if (!isLocal && options.Hot == LocationKind.Share)
            throw new CliException(ExitCode.Usage, "--hot share is for emulated storage, and the environment says where the data lies (DATA_BACKEND, DATA_BACKEND_COOL or AZURE_STORAGE_ACCOUNT): take one of the two away.");
        ServiceSettings settings = new(options) { NeedsAzurite = isLocal, NeedsEmulators = isLocal && options.Hot == LocationKind.Share };
        if (isLocal)
            settings.Take(Local(options));
        settings.Take(settings._own.Where(own => own.Key != "AZCOPY_PATH" || variable(own.Key) is null));
        if (options.DropIn is { } client)
            settings.Take([KeyValuePair.Create("EUPHROSYNE_BACKEND_URL", client.ToString().TrimEnd('/'))]);
        if (options.DropIn is not null && variable("JWT_SECRET_KEY") is null)
            throw new CliException(ExitCode.Usage, "--drop-in needs JWT_SECRET_KEY: the secret that the client signs with (its DJANGO_SECRET_KEY).");
        return settings;
    }

    /// <summary>Tells the service where Azurite, or the front to it, listens.</summary>
    public void SetBlobEndpoint(Uri endpoint) => _effective["AZURE_STORAGE_BLOB_ENDPOINT"] = endpoint.ToString();

    /// <summary>Tells the service where the emulated file share listens.</summary>
    public void SetFileEndpoint(Uri endpoint) => _effective["AZURE_STORAGE_FILE_ENDPOINT"] = endpoint.ToString();

    /// <summary>What the service runs with, by name; secrets are not shown.</summary>
    public IEnumerable<(string Name, string Value)> Describe(Func<string, string?> variable) =>
        from name in _effective.Keys.Concat(Inherited().Where(IsSetting)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        let value = _effective.TryGetValue(name, out string? own) ? own : variable(name)
        where value is not null
        select (name, IsSecret(name) ? "(set, not shown)" : value);

    private static Dictionary<string, string> Local(ShowcaseOptions options) => new(StringComparer.Ordinal)
    {
        ["DATA_BACKEND"] = options.Hot == LocationKind.Share ? "azure_fileshare" : "folder",
        [options.Hot == LocationKind.Share ? "AZURE_STORAGE_FILESHARE" : "DATA_FOLDER"] = options.Hot == LocationKind.Share ? EmulatorsProgram.Share : options.HotFolder,
        ["DATA_BACKEND_COOL"] = "azure_blob",
        ["AZURE_STORAGE_ACCOUNT"] = AzuriteProgram.Account,
        ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteProgram.AccountKey,
        ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
    };

    private void Take(IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach ((string name, string value) in values)
            _effective[name] = value;
    }

    private static IEnumerable<string> Inherited() => System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key);

    private static bool IsSetting(string name) =>
        StoragePrefixes.Append("TIERING_").Append("AZCOPY_").Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.Ordinal));
}
