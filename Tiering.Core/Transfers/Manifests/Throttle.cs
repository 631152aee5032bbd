namespace Tiering.Core.Transfers.Manifests;

/// <summary>Holds several readers together below an upper bound of bytes in a second.</summary>
/// <param name="bytesPerSecond">The bound; null for none.</param>
/// <param name="time">The clock.</param>
internal sealed class Throttle(long? bytesPerSecond, TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset free = DateTimeOffset.MinValue;

    /// <summary>Waits until the bytes just read fit under the bound.</summary>
    public async ValueTask WaitAsync(long bytes, CancellationToken cancellation)
    {
        if (bytesPerSecond is not { } bound)
            return;
        TimeSpan wait;
        lock (gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            free = (free > now ? free : now) + TimeSpan.FromSeconds((double)bytes / bound);
            wait = free - now;
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellation);
    }
}
