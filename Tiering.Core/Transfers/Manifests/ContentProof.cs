using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Compares contents by reading and hashing (MD5) both sides, several files at a time.</summary>
/// <param name="source">Where the manifest was taken.</param>
/// <param name="destination">Where the copy lies.</param>
/// <param name="proof">Which files are read.</param>
/// <param name="options">How fast.</param>
public sealed class ContentProof(IProjectStore source, IProjectStore destination, Proof proof, ContentProofOptions options)
{
    /// <summary>How many files were hashed on both sides and found equal or not.</summary>
    public long FilesHashed { get; private set; }

    /// <summary>The bytes of those files, counted once.</summary>
    public long BytesHashed { get; private set; }

    /// <summary>
    /// Reads what the proof asks for. Gives every entry of the manifest back, in order, completed with the MD5 that was measured at the
    /// source. An MD5 that the manifest has already (a witness) must be the measured one too.
    /// </summary>
    /// <param name="manifest">In order.</param>
    /// <param name="copy">The inventory of the destination, in order; it names the versions that are read.</param>
    /// <param name="found">Takes every difference.</param>
    /// <param name="cancellation">Ends the call.</param>
    public IAsyncEnumerable<InventoryEntry> RunAsync(
        IAsyncEnumerable<InventoryEntry> manifest,
        IAsyncEnumerable<InventoryEntry> copy,
        Differences found,
        CancellationToken cancellation)
    {
        _ = (source, destination, proof, options);
        throw new NotSupportedException();
    }
}

/// <summary>How fast contents are read.</summary>
public sealed record ContentProofOptions
{
    /// <summary>How many files are read at a time; each is read on both sides.</summary>
    public int Parallel { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Upper bound of the bytes read in a second, both sides together; null for none.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Chooses the sample: the same seed always chooses the same paths.</summary>
    public string Seed { get; init; } = "";

    /// <summary>Called with the bytes that were read, now and then, so that a long proof is seen to be alive.</summary>
    public Action<long>? Read { get; init; }
}
