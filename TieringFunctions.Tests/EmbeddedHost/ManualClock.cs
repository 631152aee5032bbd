namespace Tiering.Tests.EmbeddedHost;

/// <summary>A clock that stands still until it is moved; its timers fire on the thread that moves it.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset wall = start;
    private TimeSpan elapsed;
    private int waits;

    /// <summary>How often anybody began to wait for a time.</summary>
    public int Waits => Volatile.Read(ref waits);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return wall;
    }

    public override long GetTimestamp()
    {
        lock (gate)
            return elapsed.Ticks;
    }

    /// <summary>Sets the wall clock, as an administrator does: no time passes.</summary>
    public void Set(DateTimeOffset time)
    {
        lock (gate)
            wall = time;
    }

    /// <summary>Lets time pass, and fires what is due on the way, in order.</summary>
    public void Advance(TimeSpan time)
    {
        TimeSpan end;
        lock (gate)
            end = elapsed + time;
        while (true)
        {
            Timer? next;
            lock (gate)
            {
                next = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                TimeSpan to = next?.Due ?? end;
                wall += to - elapsed;
                elapsed = to;
                if (next is null)
                    return;
                next.Due = next.Period == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : elapsed + next.Period;
            }
            next.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, () => callback(state));
        Interlocked.Increment(ref waits);
        lock (gate)
            timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(ManualClock clock, Action fire) : ITimer
    {
        public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock.elapsed + dueTime;
                Period = period;
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
