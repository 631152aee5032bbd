using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Which AzCopy this is, and what it can do.</summary>
public static partial class AzCopyVersion
{
    /// <summary>What an exit code exceeds by the number of the signal that ended the process.</summary>
    private const int Killed = 128;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<(string Path, DateTime Written), Version> Known = new();

    /// <summary>Flags that not every version has, and the first of those tried that has them.</summary>
    public static IReadOnlyDictionary<string, Version> Since { get; } = new Dictionary<string, Version>(StringComparer.Ordinal)
    {
        ["--as-subdir"] = new(10, 14, 1),
        ["--disable-auto-decoding"] = new(10, 14, 1),
        ["--skip-version-check"] = new(10, 17, 0),
        ["--preserve-posix-properties"] = new(10, 17, 0),
        ["--preserve-symlinks"] = new(10, 18, 1),
    };

    /// <summary>
    /// The last of those tried that gets no token from the managed identity of a container, of Functions or of App Service, but only from that of a virtual
    /// machine; and the first that does.
    /// </summary>
    public static (Version LastWithout, Version FirstWith) ContainerIdentity { get; } = (new(10, 18, 1), new(10, 32, 2));

    /// <summary>What no transfer can do without.</summary>
    public static IReadOnlyList<string> NeededByAll { get; } = ["--as-subdir"];

    /// <summary>Looks at start which version there is, and whether transfers can be made with it.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="asContainer">Whether transfers sign in with the managed identity of a container.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="AzCopyNotInstalledException">There is no AzCopy, or what is there is none.</exception>
    /// <exception cref="AzCopyStartFailedException">It was killed, or gave no answer in time: asked again, it may.</exception>
    /// <exception cref="AzCopyTooOldException">It lacks what every transfer needs.</exception>
    public static async Task<Version> CheckAsync(AzCopyOptions options, bool asContainer = false, CancellationToken cancellation = default)
    {
        using TemporaryFolder folder = TemporaryFolder.Create(); // it writes folders wherever it is asked anything
        Version version = await FindAsync(AzCopyWorkspace.Open(options with { WorkFolder = null, LogFolder = null }, folder.Root), cancellation);
        foreach (string flag in NeededByAll.Where(flag => !Has(version, flag)))
            throw new AzCopyTooOldException(version, flag, Since[flag]);
        if (asContainer)
            DemandContainerIdentity(version);
        return version;
    }

    /// <summary>Asks the program once, and again when it was replaced.</summary>
    /// <exception cref="AzCopyNotInstalledException">There is no AzCopy, or what is there is none.</exception>
    /// <exception cref="AzCopyStartFailedException">It was killed, or gave no answer in time: asked again, it may.</exception>
    public static async Task<Version> FindAsync(AzCopyWorkspace workspace, CancellationToken cancellation = default)
    {
        string path = workspace.Options.Path;
        (string, DateTime) key = (path, File.Exists(path) ? File.GetLastWriteTimeUtc(path) : default);
        if (Known.TryGetValue(key, out Version? known))
            return known;
        (AzCopyReport _, string output, int exit) = await AzCopyLauncher.RunAsync(workspace, AzCopyCommand.Version(), Limit, cancellation)
            ?? throw new AzCopyStartFailedException($"it did not tell its version within {Limit.TotalSeconds} seconds", AzCopyFacts.None);
        if (exit > Killed)
            throw new AzCopyStartFailedException($"it was killed by signal {exit - Killed} before it told its version", AzCopyFacts.None);
        Match match = Told().Match(output);
        if (exit != 0 || !match.Success)
            throw new AzCopyNotInstalledException(path, $"it did not tell its version but: {SecretRedactor.Excerpt(output, 300)}");
        return Known[key] = Version.Parse(match.Groups["version"].Value);
    }

    public static bool Has(Version version, string flag) => !Since.TryGetValue(flag, out Version? since) || version >= since;

    /// <exception cref="AzCopyTooOldException">This version lacks a flag of the command, or cannot sign in here.</exception>
    public static void Demand(Version version, AzCopyCommand command)
    {
        foreach ((string flag, Version since) in Since)
        {
            if (!Has(version, flag) && command.Arguments.Any(argument => argument == flag || argument.StartsWith(flag + "=", StringComparison.Ordinal)))
                throw new AzCopyTooOldException(version, flag, since);
        }
        if (command.SignsIn && AzCopyWorkspace.HasContainerIdentity)
            DemandContainerIdentity(version);
    }

    private static void DemandContainerIdentity(Version version)
    {
        if (version <= ContainerIdentity.LastWithout)
            throw new AzCopyTooOldException(version, "sign-in with the managed identity of a container", ContainerIdentity.FirstWith);
    }

    [GeneratedRegex(@"azcopy version (?<version>\d{1,4}\.\d{1,4}\.\d{1,6})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Told();
}
