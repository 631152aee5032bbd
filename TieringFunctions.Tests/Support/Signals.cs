using System.Diagnostics;
using System.Globalization;

namespace Tiering.Tests.Support;

/// <summary>What tests do to processes. One that has ended meanwhile is no error.</summary>
public static class Signals
{
    /// <summary>SIGKILL, and the wait for the ends.</summary>
    /// <returns>Whether anybody was there to die.</returns>
    public static async Task<bool> KillAsync(IEnumerable<int> processes)
    {
        bool killed = false;
        foreach (int id in processes)
        {
            try
            {
                using Process process = Process.GetProcessById(id);
                process.Kill();
                killed = true;
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
            {
                continue; // it ended by itself
            }
            await Eventually.IsTrueAsync(() => !IsRunning(id));
        }
        return killed;
    }

    /// <summary>SIGSTOP: they stand still, and answer nobody.</summary>
    public static async Task FreezeAsync(IEnumerable<int> processes)
    {
        foreach (int id in processes)
        {
            using Process stop = Process.Start("kill", ["-STOP", "--", id.ToString(CultureInfo.InvariantCulture)]);
            await stop.WaitForExitAsync();
        }
    }

    /// <summary>A dead process that its parent has not asked after is no running one.</summary>
    private static bool IsRunning(int process)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
