using System.Globalization;
using System.Text.RegularExpressions;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Locations;

/// <summary>
/// Where the roles' data lies, from the environment. A role that is not set up is an error when it is asked for, not before. The names and
/// sentences are those of Euphrosyne's contract.
/// </summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
public sealed partial class StorageSettings(Func<string, string?> setting)
{
    /// <summary>Up to this many bytes a project is proved in full unless TIERING_PROOF says otherwise: 64 GiB.</summary>
    public const long DefaultFullProofBytes = 64L << 30;

    /// <summary>The part of the files that is read of a larger project.</summary>
    public const int DefaultSamplePercent = 10;

    /// <summary>The folder path between a role's root and a project, without slashes at its ends; may be empty.</summary>
    /// <exception cref="ConfigurationException">It leaves its place.</exception>
    public IReadOnlyList<string> Prefix
    {
        get
        {
            string[] parts = (Text("DATA_PROJECTS_LOCATION_PREFIX") ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            return parts.Any(part => part is "." or ".." || part.Contains('\\', StringComparison.Ordinal) || part.Any(char.IsControl))
                ? throw new ConfigurationException("DATA_PROJECTS_LOCATION_PREFIX must not contain '.', '..', '\\' or control characters as parts")
                : parts;
        }
    }

    /// <summary>How long the tokens made for a transfer work, unless renewed: TIERING_ACCESS_HOURS, 0.005 to 168, by default 12.</summary>
    /// <exception cref="ConfigurationException">It is no such number.</exception>
    public TimeSpan AccessLifetime => Text("TIERING_ACCESS_HOURS") switch
    {
        null => TimeSpan.FromHours(12),
        { } text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double hours) && hours is >= 0.005 and <= 168 =>
            TimeSpan.FromHours(hours),
        _ => throw new ConfigurationException("TIERING_ACCESS_HOURS must be a number from 0.005 to 168"),
    };

    /// <summary>Access that works no longer than this is renewed while a transfer runs: a third of its lifetime, so that a service that was away for a while is not late.</summary>
    public TimeSpan RenewBefore => AccessLifetime / 3;

    /// <summary>The folder, container or share of a role, without the prefix.</summary>
    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public (LocationKind Kind, string Root) RootOf(StorageRole role)
    {
        (LocationKind Kind, string Root) root = Root(role);
        StorageRole other = role == StorageRole.Hot ? StorageRole.Cool : StorageRole.Hot;
        return Text(Name("DATA_BACKEND", other)) is null || Root(other) != root
            ? root
            : throw new ConfigurationException("HOT and COOL must not lie in the same place");
    }

    /// <summary>
    /// Checks every value that is set, whether a role needs it now or not, so that a start finds what is wrong and not a transfer. What is
    /// missing, and what DATA_BACKEND and DATA_BACKEND_COOL say, is told when it is asked for: by the contract the service answers, and refuses.
    /// </summary>
    /// <exception cref="ConfigurationException">A value breaks its rule; the message names both.</exception>
    public void Check()
    {
        foreach (StorageRole role in Enum.GetValues<StorageRole>())
        {
            IfSet(Name("DATA_FOLDER", role), Folder);
            IfSet(Name("AZURE_STORAGE_FILESHARE", role), Holder);
            IfSet(Name("AZURE_STORAGE_DATA_CONTAINER", role), Holder);
        }
        IfSet("AZURE_STORAGE_FILE_ENDPOINT", Endpoint);
        IfSet("AZURE_STORAGE_BLOB_ENDPOINT", Endpoint);
        _ = (Key(), Prefix, AccessLifetime, ProofFor(default), ProofBytesPerSecond);
    }

    /// <summary>How contents are compared for a project of this size: TIERING_PROOF, else in full up to TIERING_PROOF_FULL_BYTES and by a sample above.</summary>
    /// <exception cref="ConfigurationException">One of the two is wrong.</exception>
    public Proof ProofFor(DataSize size)
    {
        long limit = Number("TIERING_PROOF_FULL_BYTES", 0, long.MaxValue) ?? DefaultFullProofBytes;
        if (Text("TIERING_PROOF") is { } text)
            return ParseProof(text) ?? throw new ConfigurationException("TIERING_PROOF must be 'sizes', 'sample:N' with N from 1 to 100, or 'full'");
        return size.Bytes <= limit ? new Proof(ProofMode.Full) : new Proof(ProofMode.Sample, DefaultSamplePercent);
    }

    /// <summary>
    /// How many bytes the comparison of contents may read in a second, both sides together, from TIERING_PROOF_MBPS (megabits per second,
    /// 1 to 100000); null for as many as it can.
    /// </summary>
    /// <exception cref="ConfigurationException">It is no such number.</exception>
    public long? ProofBytesPerSecond => Number("TIERING_PROOF_MBPS", 1, 100_000) is { } megabits ? megabits * 1_000_000 / 8 : null;

    /// <summary>Reads <c>sizes</c>, <c>sample:N</c>, <c>sample:N%</c> or <c>full</c>; null for anything else.</summary>
    public static Proof? ParseProof(string text) => text.Trim().ToLowerInvariant() switch
    {
        "sizes" => new Proof(ProofMode.Sizes),
        "full" => new Proof(ProofMode.Full),
        var sample when sample.StartsWith("sample:", StringComparison.Ordinal)
            && int.TryParse(sample["sample:".Length..].TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out int percent)
            && percent is >= 1 and <= 100 => new Proof(ProofMode.Sample, percent),
        _ => null,
    };

    /// <summary>Signs tokens for the storage account; null without AZURE_STORAGE_ACCOUNT_KEY: then a managed identity signs in.</summary>
    /// <exception cref="ConfigurationException">The account is missing, or the key is not valid.</exception>
    public SasSigner? Signer() => Key() is { } key ? new SasSigner(Required("AZURE_STORAGE_ACCOUNT"), key) : null;

    /// <summary>Whether AzCopy has to sign in with a managed identity: there is storage of Azure's, and no account key.</summary>
    public bool SignsIn => Text("AZURE_STORAGE_ACCOUNT_KEY") is null && (IsOfAzure(StorageRole.Hot) || IsOfAzure(StorageRole.Cool));

    private byte[]? Key()
    {
        if (Text("AZURE_STORAGE_ACCOUNT_KEY") is not { } key)
            return null;
        byte[] bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out int length) && length > 0
            ? bytes[..length]
            : throw new ConfigurationException("AZURE_STORAGE_ACCOUNT_KEY must be base64");
    }

    private void IfSet(string name, Func<string, string> read)
    {
        if (Text(name) is not null)
            read(name);
    }

    private (LocationKind Kind, string Root) Root(StorageRole role) => Backend(role) switch
    {
        LocationKind.Folder => (LocationKind.Folder, Folder(Name("DATA_FOLDER", role))),
        LocationKind.Share => (LocationKind.Share, Below("file", "AZURE_STORAGE_FILE_ENDPOINT", Name("AZURE_STORAGE_FILESHARE", role))),
        _ => (LocationKind.Blob, Below("blob", "AZURE_STORAGE_BLOB_ENDPOINT", Name("AZURE_STORAGE_DATA_CONTAINER", role))),
    };

    private bool IsOfAzure(StorageRole role) => Text(Name("DATA_BACKEND", role)) is { } backend && !backend.Equals("folder", StringComparison.OrdinalIgnoreCase);

    private LocationKind Backend(StorageRole role)
    {
        string name = Name("DATA_BACKEND", role);
        return Text(name)?.ToLowerInvariant() switch
        {
            "folder" => LocationKind.Folder,
            "azure_fileshare" => LocationKind.Share,
            "azure_blob" => LocationKind.Blob,
            null when role == StorageRole.Cool => throw new ConfigurationException("Cooling is disabled because DATA_BACKEND_COOL is not set"),
            null => throw NotSet(name),
            _ => throw new ConfigurationException($"{name} must be 'azure_fileshare' or 'azure_blob'"), // the contract's words; 'folder' is ours
        };
    }

    private string Folder(string name)
    {
        string folder = Required(name);
        if (!Path.IsPathFullyQualified(folder))
            throw new ConfigurationException($"{name} must be an absolute path");
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return full != "/" ? full : throw new ConfigurationException($"{name} must not be the root of the file system");
    }

    private string Below(string service, string endpointName, string name)
    {
        string account = Required("AZURE_STORAGE_ACCOUNT");
        string holder = Holder(name);
        string endpoint = Text(endpointName) is null ? $"https://{account}.{service}.core.windows.net" : Endpoint(endpointName);
        return $"{endpoint.TrimEnd('/')}/{holder}";
    }

    private string Holder(string name)
    {
        string holder = Required(name);
        return HolderName().IsMatch(holder) ? holder : throw new ConfigurationException($"{name} must be 3 to 63 lower-case letters, digits and single hyphens");
    }

    private string Endpoint(string name)
    {
        string endpoint = Required(name);
        return Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Query == "" && uri.Fragment == "" && uri.UserInfo == ""
            ? endpoint
            : throw new ConfigurationException($"{name} must be an http or https address without query");
    }

    private long? Number(string name, long least, long most) => Text(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most => number,
        _ => throw new ConfigurationException($"{name} must be a whole number from {least} to {most}"),
    };

    private string Required(string name) => Text(name) ?? throw NotSet(name);

    private string? Text(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;

    private static string Name(string name, StorageRole role) => role == StorageRole.Cool ? name + "_COOL" : name;

    private static ConfigurationException NotSet(string name) => new($"{name} environment variable is not set");

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HolderName();
}
