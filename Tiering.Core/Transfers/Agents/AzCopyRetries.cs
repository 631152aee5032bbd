using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Decides whether an AzCopy that ended too early is started once more: a few times when it fails, longer when it was interrupted, and
/// from the beginning whenever it has got on. No clock and no effect.
/// </summary>
public sealed class AzCopyRetries
{
    /// <summary>How often AzCopy may fail, and how often it may be interrupted, without another file having come through in between.</summary>
    public const int MaxFailures = 3, MaxFruitless = 10;

    /// <summary>How often it may end too early in one attempt at all.</summary>
    public const int MaxEnds = 50;

    private long files;
    private long bytes;

    /// <summary>Failures since a file came through.</summary>
    public int Failures { get; private set; }

    /// <summary>Interruptions since anything came through.</summary>
    public int Fruitless { get; private set; }

    /// <summary>How often it has ended too early.</summary>
    public int Ends { get; private set; }

    /// <summary>Of one that is not started again: whether all its ends together were too many, though it got on in between.</summary>
    public bool IsWornOut => Failures < MaxFailures && Fruitless < MaxFruitless;

    /// <summary>Of one that is not started again and is not worn out: how often it ended like that in a row.</summary>
    public int InARow => Failures >= MaxFailures ? Failures : Fruitless;

    /// <param name="end">How it ended.</param>
    /// <param name="renewed">Whether its access has been renewed since it was started: then that may have been the reason.</param>
    /// <returns>Whether it is started again.</returns>
    public bool Again(AzCopyEnd end, bool renewed)
    {
        AzCopyCounts counts = end.Summary.Counts;
        if (counts.Completed > files)
            Failures = 0;
        if (counts.Completed > files || counts.BytesTransferred > bytes)
            Fruitless = 0;
        (files, bytes) = (Math.Max(files, counts.Completed), Math.Max(bytes, counts.BytesTransferred));
        bool isWorthIt = renewed || end.Cause == AzCopyCause.Killed ? ++Fruitless < MaxFruitless : ++Failures < MaxFailures;
        return ++Ends < MaxEnds && isWorthIt;
    }

    /// <summary>How long to wait before it is started again.</summary>
    public TimeSpan Pause => TimeSpan.FromSeconds((2 * Failures) + Math.Max(0, Fruitless - 2));
}
