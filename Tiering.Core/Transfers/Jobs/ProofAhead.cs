namespace Tiering.Core.Transfers.Jobs;

/// <summary>The comparison of contents that comes after a copy.</summary>
/// <param name="Bytes">How many bytes it is going to read on either side.</param>
/// <param name="BytesPerSecond">The most that it may read in a second, both sides together; null for no bound.</param>
public sealed record ProofAhead(long Bytes, long? BytesPerSecond)
{
    public static ProofAhead None { get; } = new(0, null);

    /// <summary>How long it takes, as far as the copy before it tells; zero when nothing is known.</summary>
    /// <param name="copied">How many bytes the copy moves in a second; null while that is not known.</param>
    /// <param name="isCapped">Whether the copy is held back: reading is not, so that the copy's speed says nothing of it.</param>
    public TimeSpan TimeAfter(double? copied, bool isCapped)
    {
        double? pace = isCapped ? null : 2 * copied;
        if (BytesPerSecond < (pace ?? double.MaxValue))
            pace = BytesPerSecond;
        return Bytes > 0 && pace > 0 ? TimeSpan.FromSeconds(Math.Min(2.0 * Bytes / pace.Value, TimeSpan.FromDays(3650).TotalSeconds)) : TimeSpan.Zero;
    }
}
