using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>How far a proof in pieces has come.</summary>
/// <param name="After">The path of the last entry that is proved; empty before the first.</param>
/// <param name="Proved">Files and bytes up to there.</param>
/// <param name="Total">Files and bytes of the manifest.</param>
/// <param name="TakenAt">When the inventory of the manifest was taken: what was proved of one inventory says nothing of another.</param>
public sealed record ProofReach(string After, DataSize Proved, DataSize Total, DateTimeOffset TakenAt);

/// <summary>
/// A comparison of contents that is done piece by piece, each of which ends with a manifest on disk: what a piece has measured is in it, and
/// the next one goes on behind it.
/// </summary>
/// <param name="contents">Compares.</param>
/// <param name="clock">Measures how long a piece takes.</param>
public sealed class PiecewiseProof(ContentProof contents, TimeProvider clock)
{
    /// <summary>Compared together; between two of these it is seen whether the time is up.</summary>
    private const int FilesAtOnce = 16;
    private const long BytesAtOnce = 64 << 20;

    /// <summary>Compares what comes next, for about as long as <paramref name="piece"/>; at least something, for a file is compared whole.</summary>
    /// <param name="manifest">What was measured so far; a whole file.</param>
    /// <param name="copy">The inventory of the other side, in order, as it is now.</param>
    /// <param name="target">Takes the whole manifest with what is measured now. Not complete after a difference.</param>
    /// <param name="reached">Where the last piece ended.</param>
    /// <param name="piece">How long.</param>
    /// <param name="found">Takes every difference; the first ends the piece.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>How far it has come, and whether that is the end.</returns>
    public async Task<(ProofReach Reached, bool Done)> RunAsync(
        string manifest, IAsyncEnumerable<InventoryEntry> copy, string target, ProofReach reached, TimeSpan piece, Differences found, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        bool enough = false;
        bool left = false;
        long bytes = 0;
        List<InventoryEntry> wanted = [];
        List<InventoryEntry> there = [];
        await using ManifestWriter writer = ManifestWriter.Create(target, await ManifestReader.ReadHeaderAsync(manifest, cancellation));
        IAsyncEnumerable<InventoryEntry> entries = ManifestReader.ReadAsync(manifest, cancellation);
        await foreach ((InventoryEntry? entry, InventoryEntry? other) in EntryPairs.MergeAsync(entries, copy.TakeWhile(_ => !enough), cancellation))
        {
            if (entry is null)
                continue;
            if (enough || PathOrder.Compare(entry.Path, reached.After) <= 0)
            {
                left |= enough;
                await writer.WriteAsync(entry, cancellation);
                continue;
            }
            wanted.Add(entry);
            if (other is not null)
                there.Add(other);
            if (entry.Kind == EntryKind.File && (other?.Kind != EntryKind.File || other.Size != entry.Size))
                found.Add(DifferenceClass.Version, entry.Path, "is no longer what it was on the other side");
            bytes += entry.Size;
            if (wanted.Count >= FilesAtOnce || bytes >= BytesAtOnce)
                await ProveAsync();
        }
        await ProveAsync();
        if (!found.Any)
            await writer.CompleteAsync(cancellation);
        return (reached, !left);

        async Task ProveAsync()
        {
            await foreach (InventoryEntry proved in contents.RunAsync(wanted.ToAsyncEnumerable(), there.ToAsyncEnumerable(), found, cancellation))
            {
                await writer.WriteAsync(proved, cancellation);
                reached = reached with { After = proved.Path, Proved = reached.Proved + (proved.Kind == EntryKind.File ? new DataSize(1, proved.Size) : default) };
            }
            wanted.Clear();
            there.Clear();
            bytes = 0;
            enough = enough || found.Any || clock.GetElapsedTime(start) >= piece;
        }
    }
}
