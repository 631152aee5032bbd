using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>What an agent is doing. The order is the order in which it happens.</summary>
public enum TransferPhase { Starting, SourceInventory, DestinationInventory, Copy, Proof, SourceAgain, Verification, Done }

/// <summary>How far a transfer job has come (<c>progress.json</c>), replaced every few seconds while the agent lives.</summary>
/// <param name="Attempt">The attempt that writes this, from 1.</param>
/// <param name="Phase">What the agent is doing.</param>
/// <param name="Heartbeat">When the agent wrote this.</param>
/// <param name="LastChange">When anything below or the phase last changed: the stall limit counts from here.</param>
public sealed record TransferProgress(int Attempt, TransferPhase Phase, DateTimeOffset Heartbeat, DateTimeOffset LastChange)
{
    /// <summary>What the source holds; null before its inventory is complete.</summary>
    public DataSize? Total { get; init; }

    /// <summary>What AzCopy says that it has copied: for showing only, never a proof.</summary>
    public DataSize Copied { get; init; }

    /// <summary>0 to 100, as AzCopy tells it; never less than before.</summary>
    public double Percent { get; init; }

    /// <summary>How fast the phase comes along, smoothed; null while that is not known.</summary>
    public double? BytesPerSecond { get; init; }

    /// <inheritdoc cref="BytesPerSecond"/>
    public double? FilesPerSecond { get; init; }

    /// <summary>
    /// When copy and proof will be done at this speed; null while that is not known. In the copy, the proof is taken to read either side as fast as the copy
    /// goes, and not faster than TIERING_PROOF_MBPS; under a bound of the bandwidth only that is known of it, or nothing. Listings are not in it.
    /// </summary>
    public DateTimeOffset? EstimatedEnd { get; init; }

    /// <summary>Every AzCopy job that this transfer has started, oldest first.</summary>
    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];
}
