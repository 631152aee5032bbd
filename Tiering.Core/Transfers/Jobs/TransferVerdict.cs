using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>
/// The end of a transfer job (<c>verdict.json</c>): what was measured, and what was found. Written once, last, atomically: by the agent, or by the service
/// when no agent will.
/// </summary>
/// <param name="Attempt">The attempt that came to the end.</param>
/// <param name="FinishedAt">When it was written.</param>
public sealed record TransferVerdict(int Attempt, DateTimeOffset FinishedAt)
{
    /// <summary>Null when, and only when, the destination was proved to hold exactly the source.</summary>
    public OperationError? Error { get; init; }

    /// <summary>What the inventory of the source counted; null when it was not completed.</summary>
    public DataSize? Total { get; init; }

    /// <summary>What the last inventory of the destination counted, of what belongs to the manifest; null when it was not completed.</summary>
    public DataSize? Copied { get; init; }

    /// <summary>How contents were compared; null when it did not come to that.</summary>
    public Proof? Proof { get; init; }

    /// <summary>Files whose contents were read and hashed on both sides.</summary>
    public long FilesHashed { get; init; }

    /// <summary>Files that AzCopy called failed for their length and whose contents were found right; they count as hashed.</summary>
    public long FilesRechecked { get; init; }

    /// <summary>What a certificate tells of the proof; null when it failed.</summary>
    public TransferEvidence? Evidence { get; init; }

    /// <summary>True for a RESTORE without a manifest of its COOL.</summary>
    public bool Unwitnessed { get; init; }

    /// <summary>True once a byte may have been written to, or removed from, the destination.</summary>
    public bool TouchedDestination { get; init; }

    /// <summary>Every AzCopy job that this transfer has started, oldest first.</summary>
    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];

    /// <summary>Paths that were removed from the destination because an earlier manifest explains them; the whole list is in the job folder.</summary>
    public long Removed { get; init; }
}
