using System.Globalization;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>One AzCopy command line. Its arguments hold the SAS, because AzCopy takes it nowhere else; <see cref="ToString"/> does not.</summary>
public sealed class AzCopyCommand
{
    private const string NoVersionCheck = "--skip-version-check";

    /// <summary>Where AzCopy sends sign-in tokens by itself.</summary>
    private static readonly string[] TrustedHosts =
        [".core.windows.net", ".core.chinacloudapi.cn", ".core.cloudapi.de", ".core.usgovcloudapi.net", ".storage.azure.net"];

    private AzCopyCommand(IReadOnlyList<string> arguments) => Arguments = arguments;

    /// <summary>Whether AzCopy has to sign in by itself, with the managed identity: a side that is no folder has no SAS.</summary>
    public bool SignsIn { get; private init; }

    /// <summary>What the process gets; secret.</summary>
    internal IReadOnlyList<string> Arguments { get; }

    /// <summary>Copies what lies in one folder into another; the folders themselves are not repeated at the destination.</summary>
    /// <exception cref="AzCopyInvalidException">AzCopy cannot do this; nothing was started.</exception>
    public static AzCopyCommand Copy(AzCopyEndpoint source, AzCopyEndpoint destination, AzCopyCopyOptions copy, AzCopyOptions options)
    {
        LocationKind from = source.Location.Kind;
        LocationKind to = destination.Location.Kind;
        if (from == LocationKind.Folder && source.Location.Address.Contains('*', StringComparison.Ordinal))
            throw new AzCopyInvalidException("A folder that AzCopy copies from must have no '*' in its path: AzCopy takes it for a pattern.");
        List<string> arguments =
        [
            "copy",
            AzCopyFromTo.Argument(source, isSource: true),
            AzCopyFromTo.Argument(destination, isSource: false),
            $"--from-to={AzCopyFromTo.Of(from, to)}",
            $"--recursive={Flag(copy.Recursive)}",
            "--as-subdir=false", // what lies in the folder, dot files included, without its name
            $"--overwrite={OverwriteOf(copy.Overwrite)}",
            $"--output-type={OneOf("the output type", copy.OutputType, ["json", "text"])}",
            $"--log-level={OneOf("the log level", copy.LogLevel ?? options.LogLevel, AzCopyOptions.LogLevels)}",
            "--include-directory-stub=false",
        ];
        if (from == LocationKind.Share)
            arguments.Add("--disable-auto-decoding=true"); // else a file called a%2Fb arrives as a/b
        if (copy.BlockBlobTier is { } tier)
        {
            if (to != LocationKind.Blob)
                throw new AzCopyInvalidException("A tier is only for blobs.");
            arguments.Add($"--block-blob-tier={OneOf("the tier", tier, ["Hot", "Cool", "Cold", "Archive"])}");
        }
        if (copy.PutMd5)
        {
            if (from != LocationKind.Folder)
                throw new AzCopyInvalidException("An MD5 can only be put when a folder is copied."); // else AzCopy accepts it and does nothing
            arguments.Add("--put-md5");
        }
        if (copy.CheckMd5 is { } check)
        {
            if (to != LocationKind.Folder)
                throw new AzCopyInvalidException("An MD5 can only be checked when the destination is a folder.");
            arguments.Add($"--check-md5={OneOf("the MD5 check", check, ["NoCheck", "LogOnly", "FailIfDifferent", "FailIfDifferentOrMissing"])}");
        }
        if (copy.PreservePosixProperties)
        {
            if (from == LocationKind.Share || to == LocationKind.Share)
                throw new AzCopyInvalidException("POSIX properties can only be kept between a folder and blobs.");
            arguments.Add("--preserve-posix-properties=true");
        }
        if (copy.List is { } list)
            arguments.Add($"--list-of-files={list}");
        if (copy.BlockMiB is { } block)
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--block-size-mb={block}"));
        arguments.AddRange(CapOf(copy.CapMbps));
        arguments.AddRange(Trust(source, destination));
        arguments.AddRange(copy.ExtraArguments);
        return new AzCopyCommand(arguments) { SignsIn = NeedsSignIn(source) || NeedsSignIn(destination) };
    }

    /// <summary>Goes on with a job that has a plan and no living process. AzCopy keeps no SAS: both sides need theirs again.</summary>
    public static AzCopyCommand Resume(string jobId, AzCopyEndpoint source, AzCopyEndpoint destination, double? capMbps = null)
    {
        List<string> arguments = ["jobs", "resume", JobId(jobId), "--output-type=json"];
        if (!string.IsNullOrEmpty(source.Sas))
            arguments.Add($"--source-sas={source.Sas.TrimStart('?')}");
        if (!string.IsNullOrEmpty(destination.Sas))
            arguments.Add($"--destination-sas={destination.Sas.TrimStart('?')}");
        arguments.AddRange(Trust(source, destination));
        arguments.AddRange(CapOf(capMbps));
        return new AzCopyCommand(arguments) { SignsIn = NeedsSignIn(source) || NeedsSignIn(destination) };
    }

    /// <summary>The same command for a known version: without asking the vendor for a newer one, where it can be told so.</summary>
    /// <exception cref="AzCopyTooOldException">That version cannot do it.</exception>
    public AzCopyCommand For(Version version)
    {
        AzCopyVersion.Demand(version, this);
        return AzCopyVersion.Has(version, NoVersionCheck) ? new AzCopyCommand([.. Arguments, NoVersionCheck]) { SignsIn = SignsIn } : this;
    }

    internal static AzCopyCommand Show(string jobId) => new(["jobs", "show", JobId(jobId), "--output-type=json"]);

    internal static AzCopyCommand Version() => new(["--version"]);

    /// <summary>The command line, quoted for a shell, without secrets.</summary>
    public override string ToString() => string.Join(' ', Arguments.Select(argument => Quote(SecretRedactor.Redact(argument))).Prepend("azcopy"));

    private static bool NeedsSignIn(AzCopyEndpoint endpoint) => endpoint.Location.Kind != LocationKind.Folder && string.IsNullOrEmpty(endpoint.Sas);

    // An endpoint of its own name (a private one, an emulator) was given by an operator, who thereby trusts it.
    private static IEnumerable<string> Trust(params AzCopyEndpoint[] endpoints)
    {
        string hosts = string.Join(';', endpoints.Where(NeedsSignIn)
            .Select(endpoint => Uri.TryCreate(endpoint.Location.Address, UriKind.Absolute, out Uri? uri) ? uri.Authority : "") // with the port, which AzCopy takes for part of the name
            .Where(host => host.Length > 0 && !TrustedHosts.Any(known => host.EndsWith(known, StringComparison.OrdinalIgnoreCase)))
            .Distinct(StringComparer.OrdinalIgnoreCase));
        return hosts.Length == 0 ? [] : [$"--trusted-microsoft-suffixes={hosts}"];
    }

    private static IEnumerable<string> CapOf(double? mbps) =>
        mbps is { } cap ? [string.Create(CultureInfo.InvariantCulture, $"--cap-mbps={cap}")] : [];

    private static string JobId(string jobId) =>
        Guid.TryParseExact(jobId, "D", out _) ? jobId : throw new AzCopyInvalidException("An AzCopy job id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.");

    private static string OneOf(string what, string value, IReadOnlyList<string> allowed) =>
        allowed.FirstOrDefault(one => one.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? throw new AzCopyInvalidException($"{char.ToUpperInvariant(what[0])}{what[1..]} must be one of {string.Join(", ", allowed)}.");

    private static string OverwriteOf(AzCopyOverwrite overwrite) => overwrite switch
    {
        AzCopyOverwrite.True => "true",
        AzCopyOverwrite.False => "false",
        _ => "ifSourceNewer",
    };

    private static string Flag(bool value) => value ? "true" : "false";

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./:=,%+@".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
