using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>
/// How fast something comes along, smoothed over about half a minute, and how long the rest takes at that. What it cannot know yet, or any more, is
/// null. It has no clock; not safe for concurrent use.
/// </summary>
public sealed class RateMeter
{
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private DateTimeOffset? last;
    private DataSize done;
    private TimeSpan observed;
    private TimeSpan still; // without any progress
    private double bytes; // rates, still to be divided by the weight of what was observed
    private double files;

    /// <summary>Null until a few seconds were observed, and when nothing has moved for a minute.</summary>
    public double? BytesPerSecond => IsKnown ? bytes / Weight : null;

    /// <inheritdoc cref="BytesPerSecond"/>
    public double? FilesPerSecond => IsKnown ? files / Weight : null;

    /// <summary>Begins anew: what was done so far is no speed of what runs now.</summary>
    public void Restart() => (last, observed, still, bytes, files) = (null, TimeSpan.Zero, TimeSpan.Zero, 0, 0);

    /// <summary>Takes in how much is done at a time. What goes back, in amount or time, counts for nothing.</summary>
    public void Add(DateTimeOffset at, DataSize now)
    {
        if (last is not { } before || at < before)
        {
            (last, done) = (at, now);
            return;
        }
        TimeSpan passed = at - before;
        if (passed == TimeSpan.Zero)
            return;
        DataSize moved = new(Math.Max(0, now.Files - done.Files), Math.Max(0, now.Bytes - done.Bytes));
        double share = 1 - Math.Exp(-passed / Smoothing);
        bytes += share * ((moved.Bytes / passed.TotalSeconds) - bytes);
        files += share * ((moved.Files / passed.TotalSeconds) - files);
        observed += passed;
        still = moved == default ? still + passed : TimeSpan.Zero;
        (last, done) = (at, now);
    }

    /// <summary>How long so much more takes: the longer of what its bytes and its files take. Null when that is not known; never negative.</summary>
    public TimeSpan? Left(DataSize more)
    {
        if (more is { Files: <= 0, Bytes: <= 0 })
            return TimeSpan.Zero;
        double? byBytes = more.Bytes > 0 ? Seconds(more.Bytes, BytesPerSecond) : null;
        double? byFiles = more.Files > 0 ? Seconds(more.Files, FilesPerSecond) : null;
        double? seconds = (byBytes, byFiles) switch
        {
            ({ } left, { } right) => Math.Max(left, right),
            _ => byBytes ?? byFiles, // a file that takes long has not come through yet
        };
        return seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds.Value) : null;
    }

    private bool IsKnown => observed >= Least && still < Stale && (bytes > 0 || files > 0);

    private double Weight => 1 - Math.Exp(-observed / Smoothing);

    private static double? Seconds(long amount, double? rate) => rate > 0 ? amount / rate : null;
}
