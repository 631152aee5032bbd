using System.Globalization;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Activities;

/// <summary>How much runs at once, and how patient the watch is.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
/// <param name="startedAt">When this service was started; null for never mind.</param>
public sealed class TransferLimits(Func<string, string?> setting, DateTimeOffset? startedAt = null)
{
    /// <summary><c>TIERING_MAX_RUNNING_TRANSFERS</c>: transfers that the whole fleet runs at once, 1 to 1000; default 4.</summary>
    public int RunningTransfers { get; } = Number(setting, "TIERING_MAX_RUNNING_TRANSFERS", 4, 1, 1000);

    /// <summary>
    /// <c>TIERING_STEP_SECONDS</c>: about how long a step of a source deletion compares or removes before its state is stored, 1 to 900;
    /// default 60. A kill costs no more than that.
    /// </summary>
    public TimeSpan Step { get; } = TimeSpan.FromSeconds(Number(setting, "TIERING_STEP_SECONDS", 60, 1, 900));

    /// <summary>
    /// <c>TIERING_STALL_MINUTES</c>: how long nothing may change, 1 to 1440, default 15; an agent gets two more, for it ends and resumes a hanging
    /// AzCopy by itself. <c>TIERING_START_GRACE_SECONDS</c>: how long an agent that was started may take to begin, 5 to 3600, default 20, with
    /// container jobs 600. <c>TIERING_DEADLINE_HOURS</c>: the longest that any operation may run, 1 to 8760, default 168; one of known size gets
    /// <c>TIERING_DEADLINE_LEAST_MINUTES</c> (1 to 525600, default 60) and the time that its bytes take at <c>TIERING_DEADLINE_MBPS</c> (1 to 100000, default
    /// 8) and its files at ten per second. Where AZCOPY_CAP_MBPS or TIERING_PROOF_MBPS allow less than twice that pace, half of what they allow counts.
    /// </summary>
    public WatchLimits Watch { get; } = new()
    {
        StartGrace = TimeSpan.FromSeconds(Number(setting, "TIERING_START_GRACE_SECONDS", string.IsNullOrWhiteSpace(setting("TIERING_CONTAINER_JOB")) ? 20 : 600, 5, 3600)),
        Stall = TimeSpan.FromMinutes(Number(setting, "TIERING_STALL_MINUTES", 15, 1, 1440) + 2),
        Deadline = TimeSpan.FromHours(Number(setting, "TIERING_DEADLINE_HOURS", 168, 1, 8760)),
        LeastDeadline = TimeSpan.FromMinutes(Number(setting, "TIERING_DEADLINE_LEAST_MINUTES", 60, 1, 525_600)),
        LeastBytesPerSecond = (long)(Pace(setting) * 125_000),
    };

    /// <summary>What agents are told to keep to, at their start and whenever it has changed.</summary>
    public JobLimits Job { get; } = new(Text(setting, BandwidthTimetable.SettingName), Text(setting, LocalZone.SettingName)) { Since = startedAt };

    private static string? Text(Func<string, string?> setting, string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The slowest pace in megabits per second.</summary>
    private static double Pace(Func<string, string?> setting)
    {
        double pace = Number(setting, "TIERING_DEADLINE_MBPS", 8, 1, 100_000);
        if (BandwidthTimetable.Parse(setting(BandwidthTimetable.SettingName), LocalZone.Paris).Lowest is { } copy)
            pace = Math.Min(pace, copy / 2);
        if (double.TryParse(setting("TIERING_PROOF_MBPS"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double proof) && proof > 0)
            pace = Math.Min(pace, proof / 2);
        return pace;
    }

    private static int Number(Func<string, string?> setting, string name, int standard, int least, int most)
    {
        if (setting(name)?.Trim() is not { Length: > 0 } text)
            return standard;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new ConfigurationException($"{name} must be a whole number from {least} to {most}");
    }
}
