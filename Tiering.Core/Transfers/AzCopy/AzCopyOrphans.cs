using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// The AzCopy processes that an agent which died has left behind. They are found by the marker in their environment, which no other
/// process has, so that ids that have come again do no harm.
/// </summary>
public static class AzCopyOrphans
{
    private static readonly TimeSpan Check = TimeSpan.FromMilliseconds(20);

    /// <summary>Every process of this user that was started for this job folder, this one excepted.</summary>
    public static IReadOnlyList<ProcessIdentity> Find(string jobFolder)
    {
        byte[] marker = MarkerOf(jobFolder);
        List<ProcessIdentity> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && id != Environment.ProcessId
                && ProcessIdentity.Of(id) is { } process
                && HasMarker(id, marker))
            {
                found.Add(process);
            }
        }
        return found;
    }

    /// <summary>Kills them all, and returns when none is left.</summary>
    /// <returns>Those that were killed.</returns>
    public static async Task<IReadOnlyList<ProcessIdentity>> EndAsync(string jobFolder, CancellationToken cancellation = default)
    {
        byte[] marker = MarkerOf(jobFolder);
        HashSet<ProcessIdentity> ended = [];
        // Again until nothing is found: what was found may just have started another.
        while (Find(jobFolder) is { Count: > 0 } orphans)
        {
            foreach (ProcessIdentity orphan in orphans)
            {
                if (Kill(orphan, marker))
                    ended.Add(orphan);
            }
            foreach (ProcessIdentity orphan in orphans)
            {
                while (orphan.IsAlive())
                    await Task.Delay(Check, cancellation);
            }
        }
        return [.. ended];
    }

    private static bool Kill(ProcessIdentity orphan, byte[] marker)
    {
        try
        {
            using Process process = Process.GetProcessById(orphan.Id);
            if (!orphan.IsAlive() || !HasMarker(orphan.Id, marker))
                return false;
            process.Kill();
            return true;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] MarkerOf(string jobFolder) =>
        Encoding.UTF8.GetBytes($"\0{AzCopyWorkspace.Marker}={Path.TrimEndingDirectorySeparator(Path.GetFullPath(jobFolder))}\0");

    private static bool HasMarker(int id, byte[] marker)
    {
        try
        {
            byte[] environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ"));
            return ((ReadOnlySpan<byte>)[0, .. environment, 0]).IndexOf(marker) >= 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }
}
