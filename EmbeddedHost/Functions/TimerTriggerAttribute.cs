namespace Tiering.EmbeddedHost;

/// <summary>Marks the <see cref="TimerInfo"/> of a function that runs on a schedule.</summary>
/// <param name="schedule">NCRONTAB with five or six fields, a time span, or <c>%Setting%</c> that holds one of these.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    public string Schedule { get; } = schedule;

    /// <summary>Runs it at every start of the host, too.</summary>
    public bool RunOnStartup { get; set; }

    /// <summary>Keeps the schedule's status, so that what was missed while the host was off is caught up once. Default: true.</summary>
    public bool UseMonitor { get; set; } = true;
}

/// <summary>What a timer function is told.</summary>
public class TimerInfo
{
    /// <summary>Null when the schedule is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run is later than its time, because the host was off or busy.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>Where a schedule stands. Times are UTC.</summary>
public class ScheduleStatus
{
    /// <summary>The occurrence that ran last.</summary>
    public DateTime Last { get; set; }

    /// <summary>The occurrence that is expected next.</summary>
    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
