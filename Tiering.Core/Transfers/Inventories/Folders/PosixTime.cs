namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>Between the system's seconds and nanoseconds and our time stamps.</summary>
internal static class PosixTime
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Null for a time outside the years 1 to 9999.</summary>
    public static DateTimeOffset? Of(long seconds, long nanoseconds)
    {
        Int128 ticks = DateTimeOffset.UnixEpoch.Ticks + ((Int128)seconds * TimeSpan.TicksPerSecond) + (nanoseconds / NanosecondsPerTick);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : null;
    }

    public static int Rest(long nanoseconds) => (int)(nanoseconds % NanosecondsPerTick);

    public static (long Seconds, long Nanoseconds) Split(DateTimeOffset time, int rest)
    {
        (long seconds, long ticks) = Math.DivRem(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        if (ticks < 0)
            (seconds, ticks) = (seconds - 1, ticks + TimeSpan.TicksPerSecond);
        return (seconds, (ticks * NanosecondsPerTick) + rest);
    }
}
