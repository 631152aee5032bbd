using System.Globalization;
using System.Text;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>One process for ever: process ids come again, a process id with its start time does not.</summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTicks">When it started, in clock ticks since this machine booted (field 22 of <c>/proc/PID/stat</c>).</param>
/// <param name="Boot">Which boot of the machine the ticks count from.</param>
public sealed record ProcessIdentity(int Id, long StartTicks, string Boot)
{
    private static readonly string ThisBoot = ReadBoot();

    /// <summary>The process that has this id now; null when none runs, or only a dead one waits for its parent.</summary>
    public static ProcessIdentity? Of(int id)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"), Encoding.Latin1);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null; // gone
        }
        // The name stands in parentheses and may hold any character, so fields are counted from the last ')'; the third field comes next.
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X")
            ? new ProcessIdentity(id, long.Parse(fields[19], CultureInfo.InvariantCulture), ThisBoot)
            : null;
    }

    /// <summary>Whether this very process still runs.</summary>
    public bool IsAlive() => Of(Id) == this;

    private static string ReadBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
