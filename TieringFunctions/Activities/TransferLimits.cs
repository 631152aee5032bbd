using Tiering.Core;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Activities;

/// <summary>How much runs at once, and how patient the watch is.</summary>
/// <param name="setting">Gives a setting by its name; null when it is not set.</param>
public sealed class TransferLimits(Func<string, string?> setting)
{
    /// <summary>The value of <c>TIERING_JOB_HOST</c> for agents in containers, which take their time to start.</summary>
    public const string ContainerJobs = "container-apps";

    /// <summary><c>TIERING_MAX_RUNNING_TRANSFERS</c>: transfers that the whole fleet runs at once, 1 to 1000; default 4.</summary>
    public int RunningTransfers { get; } = Number(setting, "TIERING_MAX_RUNNING_TRANSFERS", 4, 1, 1000);

    /// <summary>
    /// <c>TIERING_STALL_MINUTES</c>: how long nothing may change before an agent counts as hanging, 1 to 1440, default 15;
    /// <c>TIERING_DEADLINE_HOURS</c>: the longest that an operation may run, 1 to 8760, default 168; and
    /// <c>TIERING_START_GRACE_SECONDS</c>: how long an agent that was started may take to begin, 5 to 3600, default 20, with container jobs 600.
    /// </summary>
    public WatchLimits Watch { get; } = new()
    {
        StartGrace = TimeSpan.FromSeconds(Number(setting, "TIERING_START_GRACE_SECONDS", setting("TIERING_JOB_HOST")?.Trim() == ContainerJobs ? 600 : 20, 5, 3600)),
        Stall = TimeSpan.FromMinutes(Number(setting, "TIERING_STALL_MINUTES", 15, 1, 1440)),
        Deadline = TimeSpan.FromHours(Number(setting, "TIERING_DEADLINE_HOURS", 168, 1, 8760)),
    };

    private static int Number(Func<string, string?> setting, string name, int standard, int least, int most)
    {
        if (setting(name)?.Trim() is not { Length: > 0 } text)
            return standard;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new ConfigurationException($"{name} must be a whole number from {least} to {most}");
    }
}
