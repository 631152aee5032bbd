namespace Tiering.Tests.Support;

/// <summary>A clock that leaps to the end of whatever is waited for, so that nothing is.</summary>
public sealed class LeapingTime : TimeProvider
{
    private readonly Lock gate = new();
    private DateTimeOffset now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private int waits;

    /// <summary>How often anybody waited.</summary>
    public int Waits => Volatile.Read(ref waits);

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref waits);
        lock (gate)
            now += dueTime > TimeSpan.Zero ? dueTime : TimeSpan.Zero;
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
