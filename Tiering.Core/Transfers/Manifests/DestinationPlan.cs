using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Decides what happens to what lies at a destination already, before a byte moves.</summary>
public static class DestinationPlan
{
    private const int Batch = 1000;

    /// <summary>
    /// Goes through the destination's inventory. What is to be copied over (a file where a file comes) and folders that come too stay.
    /// Of the rest, and of all links (a copy would write through them), what <paramref name="known"/> holds is to be removed; anything
    /// else is unknown and ends the transfer.
    /// </summary>
    /// <param name="destination">The destination's inventory, in order.</param>
    /// <param name="manifest">What is going to be there, in order.</param>
    /// <param name="known">Earlier manifests, each in order: what they hold is ours.</param>
    /// <param name="unknown">Takes what no manifest explains, as <see cref="DifferenceClass.Extra"/>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="protectChanged">
    /// Whether a file that would be copied over must have the size that some manifest gives it: else it was changed since, and is unknown.
    /// </param>
    /// <returns>What is to be removed, in order. Remove nothing before the sequence has ended and nothing was unknown.</returns>
    public static async IAsyncEnumerable<InventoryEntry> ToRemoveAsync(
        IAsyncEnumerable<InventoryEntry> destination,
        IAsyncEnumerable<InventoryEntry> manifest,
        IReadOnlyList<IAsyncEnumerable<InventoryEntry>> known,
        Differences unknown,
        [EnumeratorCancellation] CancellationToken cancellation,
        bool protectChanged = false)
    {
        Stack<string> unexplained = new(); // folders that only something in them, in a manifest, can explain
        await foreach (InventoryEntry?[] at in MergedEntries.OfAsync([destination, manifest, .. known], cancellation))
        {
            string path = at.First(entry => entry is not null)!.Path;
            while (unexplained.TryPeek(out string? folder) && !PathRange.IsOpen(folder, path))
                unknown.Add(DifferenceClass.Extra, unexplained.Pop(), NoManifest);
            if (at.AsSpan(1).ContainsAnyExcept((InventoryEntry?)null))
                unexplained = PathRange.Without(unexplained, path);
            if (at[0] is not { } there)
                continue;
            switch (Judge(there, at, protectChanged))
            {
                case Fate.Remove:
                    yield return there;
                    break;
                case Fate.Unknown when there.Kind == EntryKind.Folder:
                    unexplained.Push(path);
                    break;
                case Fate.Unknown:
                    unknown.Add(DifferenceClass.Extra, path, there.Refusal ?? (at[1] is null ? NoManifest : "was changed since, by no operation of ours"));
                    break;
            }
        }
        while (unexplained.TryPop(out string? folder))
            unknown.Add(DifferenceClass.Extra, folder, NoManifest);
    }

    /// <summary>Removes entries: files and links as they come, folders after what is in them.</summary>
    /// <param name="store">Where they lie.</param>
    /// <param name="entries">In order, as the store listed them.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>How many entries were given to the store.</returns>
    public static async Task<long> RemoveAsync(IProjectStore store, IAsyncEnumerable<InventoryEntry> entries, CancellationToken cancellation)
    {
        long count = 0;
        List<InventoryEntry> batch = [];
        Stack<InventoryEntry> open = new();
        await foreach (InventoryEntry entry in entries.WithCancellation(cancellation))
        {
            while (open.TryPeek(out InventoryEntry? folder) && !PathRange.IsOpen(folder.Path, entry.Path))
                batch.Add(open.Pop());
            if (entry.Kind == EntryKind.Folder)
                open.Push(entry);
            else
                batch.Add(entry);
            count++;
            if (batch.Count < Batch)
                continue;
            await store.DeleteAsync(batch, cancellation);
            batch.Clear();
        }
        batch.AddRange(open); // deepest first
        await store.DeleteAsync(batch, cancellation);
        return count;
    }

    private const string NoManifest = "lies there, and no manifest of this project explains it";

    private enum Fate { Keep, Remove, Unknown }

    private static Fate Judge(InventoryEntry there, InventoryEntry?[] at, bool protectChanged)
    {
        InventoryEntry? coming = at[1];
        bool known = at.Skip(2).Any(entry => entry?.Kind == there.Kind);
        return there.Kind switch
        {
            EntryKind.Other => Fate.Unknown,
            EntryKind.Link => known || coming?.Kind == EntryKind.Link ? Fate.Remove : Fate.Unknown,
            _ when coming?.Kind != there.Kind => known ? Fate.Remove : Fate.Unknown,
            EntryKind.File when protectChanged && !at.Skip(1).Any(entry => entry?.Kind == EntryKind.File && entry.Size == there.Size) => Fate.Unknown,
            _ => Fate.Keep,
        };
    }
}
