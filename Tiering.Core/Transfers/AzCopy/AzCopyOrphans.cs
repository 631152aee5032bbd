using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>The AzCopy processes that an agent which died has left behind.</summary>
public static class AzCopyOrphans
{
    /// <summary>Every AzCopy of this user that was started for this job folder.</summary>
    public static IReadOnlyList<ProcessIdentity> Find(string jobFolder) => Of(jobFolder).Find();

    /// <summary>Kills them all, and returns when none is left.</summary>
    /// <returns>Those that were killed.</returns>
    public static Task<IReadOnlyList<ProcessIdentity>> EndAsync(string jobFolder, CancellationToken cancellation = default) =>
        Of(jobFolder).EndAsync(cancellation);

    private static MarkedProcesses Of(string jobFolder) =>
        new(AzCopyWorkspace.Marker, Path.TrimEndingDirectorySeparator(Path.GetFullPath(jobFolder)));
}
