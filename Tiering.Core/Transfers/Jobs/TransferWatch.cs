using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>What a look at a job says should happen next.</summary>
public enum WatchStep
{
    /// <summary>The agent works, or is starting.</summary>
    Wait,

    /// <summary>The verdict is there and nobody works any more.</summary>
    Ended,

    /// <summary>The agent is gone without a verdict.</summary>
    AgentLost,

    /// <summary>The agent lives, but nothing has changed for the stall limit.</summary>
    Stalled,

    /// <summary>The job has taken longer than it may.</summary>
    Overdue,
}

/// <summary>How patient the watch is.</summary>
public sealed record WatchLimits
{
    /// <summary>How long a started agent may take to take the lease.</summary>
    public TimeSpan StartGrace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long nothing at all may change before an agent counts as hanging.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest that any operation may run, from its first agent on.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What every operation gets, whatever its size.</summary>
    public TimeSpan LeastDeadline { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The slowest that a transfer, its proof included, may be; per second.</summary>
    public long LeastBytesPerSecond { get; init; } = 1_000_000;

    /// <summary>The slowest that a transfer of many small files may be; per second.</summary>
    public int LeastFilesPerSecond { get; init; } = 10;

    /// <summary>How long an operation of this size may run: an hour, and the time that the slowest pace takes; never more than <see cref="Deadline"/>.</summary>
    /// <param name="size">Null while it is not known: then only <see cref="Deadline"/> holds.</param>
    public TimeSpan DeadlineOf(DataSize? size)
    {
        if (size is not { } known)
            return Deadline;
        double seconds = LeastDeadline.TotalSeconds + ((double)known.Bytes / LeastBytesPerSecond) + ((double)known.Files / LeastFilesPerSecond);
        return seconds < Deadline.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Deadline;
    }
}

/// <summary>The rule by which the service judges a job from its folder. Pure: no clock, storage or logging.</summary>
public static class TransferWatch
{
    /// <param name="view">What the job folder shows.</param>
    /// <param name="attempt">The attempt that was started last.</param>
    /// <param name="attemptStartedAt">When that was.</param>
    /// <param name="jobStartedAt">When the first attempt was started.</param>
    /// <param name="now">The time of the look.</param>
    /// <param name="limits">How patient to be.</param>
    public static WatchStep Decide(JobView view, int attempt, DateTimeOffset attemptStartedAt, DateTimeOffset jobStartedAt, DateTimeOffset now, WatchLimits limits)
    {
        if (view.Verdict is not null)
            return view.LeaseHeld ? WatchStep.Wait : WatchStep.Ended; // nothing is concluded while an agent could still write
        if (now - jobStartedAt > limits.DeadlineOf(view.Progress?.Total))
            return WatchStep.Overdue;
        if (!view.LeaseHeld)
            return view.Attempt < attempt && now - attemptStartedAt <= limits.StartGrace ? WatchStep.Wait : WatchStep.AgentLost;
        DateTimeOffset lastChange = Later(view.Progress?.LastChange ?? attemptStartedAt, attemptStartedAt);
        return now - lastChange > limits.Stall ? WatchStep.Stalled : WatchStep.Wait;
    }

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
