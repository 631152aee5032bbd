using System.Diagnostics;
using System.Globalization;
using System.Text;

using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>
/// Processes of this machine that were started with a variable in their environment to be found by. No other process has it, so that
/// process ids that have come again do no harm.
/// </summary>
/// <param name="variable">The variable.</param>
/// <param name="value">Its value.</param>
public sealed class MarkedProcesses(string variable, string value)
{
    private static readonly TimeSpan Check = TimeSpan.FromMilliseconds(20);
    private readonly byte[] marker = Encoding.UTF8.GetBytes($"\0{variable}={value}\0");

    /// <summary>Every process of this user that has the marker, this one excepted.</summary>
    public IReadOnlyList<ProcessIdentity> Find()
    {
        List<ProcessIdentity> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && id != Environment.ProcessId
                && ProcessIdentity.Of(id) is { } process
                && HasMarker(id))
            {
                found.Add(process);
            }
        }
        return found;
    }

    /// <summary>Kills them all, and returns when none is left.</summary>
    /// <returns>Those that were killed.</returns>
    public async Task<IReadOnlyList<ProcessIdentity>> EndAsync(CancellationToken cancellation = default)
    {
        HashSet<ProcessIdentity> ended = [];
        // Again until nothing is found: what was found may just have started another.
        while (Find() is { Count: > 0 } orphans)
        {
            foreach (ProcessIdentity orphan in orphans)
            {
                if (Kill(orphan))
                    ended.Add(orphan);
            }
            foreach (ProcessIdentity orphan in orphans.Where(ended.Contains))
            {
                while (orphan.IsAlive())
                    await Task.Delay(Check, cancellation);
            }
        }
        return [.. ended];
    }

    private bool Kill(ProcessIdentity orphan)
    {
        try
        {
            using Process process = Process.GetProcessById(orphan.Id);
            if (!orphan.IsAlive() || !HasMarker(orphan.Id))
                return false;
            process.Kill();
            return true;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private bool HasMarker(int id)
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
