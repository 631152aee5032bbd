using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Timers: one wait for the next one that is due.</summary>
internal sealed partial class TaskHub
{
    /// <summary>A clock that was set is noticed within this time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly ITimer timerWatch;

    private void ArmTimers()
    {
        if (closed || !started)
            return;
        if (timers.Next is not { } due)
        {
            timerWatch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }
        TimeSpan wait = due - UtcNow;
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
        timerWatch.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void FireTimers()
    {
        lock (gate)
        {
            if (closed)
                return;
            try
            {
                while (timers.TakeDue(UtcNow) is { } timer)
                    Fire(timer);
            }
            catch (TaskHubUnavailableException unavailable)
            {
                LogTimersUnreadable(unavailable.Message); // the next wake-up tries again
            }
            ArmTimers();
            Dispatch();
        }
    }

    private void Fire(StoredTimer timer)
    {
        Instance instance = Get(timer.Instance);
        if (timer.TaskId == StoredTimer.Start)
        {
            instance.StartFired = true;
            Wake(instance);
        }
        else
        {
            Tell(instance, new(new TimerFired(timer.TaskId), Origin: MessageOrigin.Timer, Generation: instance.Stored is null ? null : instance.Generation, Due: timer.Due));
        }
    }
}
