namespace Tiering.Functions.Azure;

/// <summary>
/// Numbers that grow: microseconds since 1970, and never the same twice from one worker. Those of several workers agree as far as their clocks
/// do. They fit what JavaScript can hold.
/// </summary>
internal sealed class SequenceClock(TimeProvider time)
{
    private long last;

    /// <param name="after">The number must be above this one too.</param>
    public long Next(long after = 0)
    {
        while (true)
        {
            long seen = Interlocked.Read(ref last);
            long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            long next = Math.Max(now, Math.Max(seen, after) + 1);
            if (Interlocked.CompareExchange(ref last, next, seen) == seen)
                return next;
        }
    }
}
