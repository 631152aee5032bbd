using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>By what is decided whether a thing that lies at a destination is ours.</summary>
/// <param name="Known">Earlier manifests, each in order: what they hold is ours.</param>
/// <param name="IsSame">Whether a file (first) still has the content that a manifest (second) gives it; asked for files of the same size.</param>
public sealed record DestinationClaims(IReadOnlyList<IAsyncEnumerable<InventoryEntry>> Known, Func<InventoryEntry, InventoryEntry, ValueTask<bool>> IsSame)
{
    /// <summary>
    /// Whether a file (first) that nothing else explains has the content of what is to be copied over it (second), so that nothing is lost; asked for files of
    /// the same size. Null: that explains nothing.
    /// </summary>
    public Func<InventoryEntry, InventoryEntry, ValueTask<bool>>? IsWhatComes { get; init; }

    /// <summary>Everything that can be moved is ours: somebody has looked at it, and gives it up.</summary>
    public bool TakeOver { get; init; }
}

/// <summary>Decides what happens to what lies at a destination already, before a byte moves.</summary>
public static class DestinationPlan
{
    private const int Batch = 1000;

    /// <summary>
    /// Goes through the destination's inventory. What is to be copied over (a file where a file comes) and folders that come too stay;
    /// the rest, and all links (a copy would write through them), is to be removed. Either way it must be ours: what <paramref name="claims"/>
    /// does not explain as it is there now may exist nowhere else, and ends the transfer.
    /// </summary>
    /// <param name="destination">The destination's inventory, in order.</param>
    /// <param name="manifest">What is going to be there, in order.</param>
    /// <param name="claims">What is ours.</param>
    /// <param name="unknown">Takes what no manifest explains, as <see cref="DifferenceClass.Extra"/>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>What is to be removed, in order. Remove nothing before the sequence has ended and nothing was unknown.</returns>
    public static async IAsyncEnumerable<InventoryEntry> ToRemoveAsync(
        IAsyncEnumerable<InventoryEntry> destination,
        IAsyncEnumerable<InventoryEntry> manifest,
        DestinationClaims claims,
        Differences unknown,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        Stack<string> unexplained = new(); // folders that only something in them, in a manifest, can explain
        await foreach (InventoryEntry?[] at in MergedEntries.OfAsync([destination, manifest, .. claims.Known], cancellation))
        {
            string path = at.First(entry => entry is not null)!.Path;
            while (unexplained.TryPeek(out string? folder) && !PathRange.IsOpen(folder, path))
                unknown.Add(DifferenceClass.Extra, unexplained.Pop(), NoManifest);
            if (at.AsSpan(1).ContainsAnyExcept((InventoryEntry?)null))
                unexplained = PathRange.Without(unexplained, path);
            if (at[0] is not { } there)
                continue;
            switch (await JudgeAsync(there, at, claims))
            {
                case Fate.Remove:
                    yield return there;
                    break;
                case Fate.Unknown when there.Kind == EntryKind.Folder:
                    unexplained.Push(path);
                    break;
                case Fate.Unknown:
                    unknown.Add(DifferenceClass.Extra, path, there.Refusal ?? (at.AsSpan(1).ContainsAnyExcept((InventoryEntry?)null) ? Changed : NoManifest));
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

    /// <summary>
    /// Whether a file of the destination still is what a manifest says. In a folder a time that differs proves nothing: an operation that
    /// was cut off leaves right files with the time of their download; then the content decides.
    /// </summary>
    /// <param name="destination">Where it lies.</param>
    /// <param name="there">As it lies there.</param>
    /// <param name="then">As a manifest has it, of the same size.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async ValueTask<bool> IsSameAsync(IProjectStore destination, InventoryEntry there, InventoryEntry then, CancellationToken cancellation)
    {
        if (there.Md5 is not null && then.Md5 is not null)
            return there.Md5 == then.Md5;
        if (destination.Location.Kind != LocationKind.Folder)
            return true;
        if (there.Modified == then.Modified && there.ModifiedNanoseconds == then.ModifiedNanoseconds)
            return true;
        if (then.Md5 is null)
            return false;
        await using Stream content = await destination.OpenReadAsync(there, cancellation);
        return Convert.ToBase64String(await MD5.HashDataAsync(content, cancellation)) == then.Md5;
    }

    /// <summary>Whether a file of the destination holds what a file of the source does: read on both sides, or where the destination's store knows the MD5, at the source.</summary>
    public static async ValueTask<bool> HoldsSameAsync(
        IProjectStore destination, InventoryEntry there, IProjectStore source, InventoryEntry coming, CancellationToken cancellation)
    {
        if (there.Md5 is not null && coming.Md5 is not null)
            return there.Md5 == coming.Md5;
        string md5 = await HashAsync(source, coming, cancellation);
        return md5 == (there.Md5 ?? await HashAsync(destination, there, cancellation));
    }

    private static async Task<string> HashAsync(IProjectStore store, InventoryEntry file, CancellationToken cancellation)
    {
        await using Stream content = await store.OpenReadAsync(file, cancellation);
        return Convert.ToBase64String(await MD5.HashDataAsync(content, cancellation));
    }

    private const string NoManifest = "lies there, and no manifest of this project explains it";
    private const string Changed = "is not what any manifest of this project says: it was changed, by no operation of ours";

    private enum Fate { Keep, Remove, Unknown }

    private static async ValueTask<Fate> JudgeAsync(InventoryEntry there, InventoryEntry?[] at, DestinationClaims claims)
    {
        InventoryEntry? coming = at[1];
        bool comes = coming?.Kind == there.Kind;
        IEnumerable<InventoryEntry> known = at.Skip(2).OfType<InventoryEntry>().Where(entry => entry.Kind == there.Kind);
        switch (there.Kind)
        {
            case EntryKind.Link:
                return known.Append(coming).Any(entry => entry is { Kind: EntryKind.Link } && entry.Target == there.Target) || claims.TakeOver ? Fate.Remove : Fate.Unknown;
            case EntryKind.Folder:
                return comes ? Fate.Keep : claims.TakeOver || known.Any() ? Fate.Remove : Fate.Unknown;
            case EntryKind.File:
                bool mayBeWhatComes = comes && coming!.Size == there.Size;
                bool ours = claims.TakeOver || (mayBeWhatComes && coming!.Md5 is not null && coming.Md5 == there.Md5);
                foreach (InventoryEntry entry in known)
                    ours = ours || (entry.Size == there.Size && await claims.IsSame(there, entry));
                ours = ours || (mayBeWhatComes && claims.IsWhatComes is { } isWhatComes && await isWhatComes(there, coming!));
                return !ours ? Fate.Unknown : comes ? Fate.Keep : Fate.Remove;
            default:
                return Fate.Unknown;
        }
    }
}
