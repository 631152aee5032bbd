using System.Globalization;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Compares two inventories, both in order, in memory that does not grow with them.</summary>
public static class InventoryComparison
{
    private const string NotOurs = "does not belong here";

    /// <summary>
    /// Compares what a store held with what the same store holds now: path, kind, size, both times, mode, target and version must all be
    /// the same. An MD5 is compared where both have one. What a manifest does not say (null) is not compared.
    /// </summary>
    /// <returns>What the store holds now.</returns>
    public static async Task<DataSize> CompareAgainAsync(
        IAsyncEnumerable<InventoryEntry> before,
        IAsyncEnumerable<InventoryEntry> now,
        Differences found,
        CancellationToken cancellation)
    {
        DataSize held = default;
        await foreach ((InventoryEntry? old, InventoryEntry? current) in EntryPairs.MergeAsync(before, now, cancellation))
        {
            if (current is { Kind: EntryKind.File })
                held += new DataSize(1, current.Size);
            if (current is null)
                found.Add(DifferenceClass.Missing, old!.Path, "is gone");
            else if (old is null)
                found.Add(DifferenceClass.Extra, current.Path, "is new");
            else if (Contents(old, current, found))
                Again(old, current, found);
        }
        return held;
    }

    /// <summary>Compares what is known of the project's own folder on both sides: mode, times and attributes.</summary>
    /// <param name="kept">What it was, with the path <c>.</c>; null when nothing is known.</param>
    /// <param name="now">What it is; null when nothing is known.</param>
    /// <param name="found">Takes every difference.</param>
    public static void CompareRoot(InventoryEntry? kept, InventoryEntry? now, Differences found)
    {
        if (kept is null || now is null)
            return;
        if (now.Mode is not null)
            Modes(kept, now, found);
        // Only folders have times to the nanosecond.
        Times(now.Mode is null ? kept with { ModifiedNanoseconds = 0 } : kept, now, found);
        Smb(kept, now, found);
    }

    /// <summary>
    /// Compares a manifest with what its copy holds. Compared is what the copy's kind of store can hold, as <paramref name="rules"/> says.
    /// </summary>
    /// <returns>What the copy holds of what is in the manifest: files at their path and with their size.</returns>
    public static async Task<DataSize> CompareCopyAsync(
        IAsyncEnumerable<InventoryEntry> manifest,
        IAsyncEnumerable<InventoryEntry> copy,
        CopyRules rules,
        Differences found,
        CancellationToken cancellation)
    {
        DataSize held = default;
        Stack<string> unexplained = new(); // folders that only something of the manifest in them can explain: blobs have no folders
        await foreach ((InventoryEntry? wanted, InventoryEntry? there) in EntryPairs.MergeAsync(manifest, copy, cancellation))
        {
            string path = (wanted ?? there)!.Path;
            while (unexplained.TryPeek(out string? folder) && !PathRange.IsOpen(folder, path))
                found.Add(DifferenceClass.Extra, unexplained.Pop(), NotOurs);
            if (wanted is not null && rules.Asks(wanted.Kind))
                unexplained = PathRange.Without(unexplained, path);
            if (there is null)
            {
                if (rules.Asks(wanted!.Kind))
                    found.Add(DifferenceClass.Missing, wanted.Path, "is missing");
            }
            else if (wanted is null)
            {
                if (there.Kind != EntryKind.Folder)
                    found.Add(DifferenceClass.Extra, there.Path, NotOurs);
                else if (rules.Folders)
                    unexplained.Push(there.Path);
            }
            else if (Contents(wanted, there, found))
            {
                Copied(wanted, there, rules, found);
                if (there.Kind == EntryKind.File)
                    held += new DataSize(1, there.Size);
            }
        }
        while (unexplained.TryPop(out string? folder))
            found.Add(DifferenceClass.Extra, folder, NotOurs);
        return held;
    }

    // Kind, size, MD5 and target; false when the two are not even of one kind and size.
    private static bool Contents(InventoryEntry wanted, InventoryEntry there, Differences found)
    {
        if (wanted.Kind != there.Kind)
        {
            found.Add(DifferenceClass.Kind, wanted.Path, $"is a {Word(there.Kind)}, not a {Word(wanted.Kind)}");
            return false;
        }
        if (wanted.Size != there.Size)
        {
            found.Add(DifferenceClass.Size, wanted.Path, string.Create(CultureInfo.InvariantCulture, $"has {there.Size} bytes, not {wanted.Size}"));
            return false;
        }
        if (wanted.Md5 is not null && there.Md5 is not null && wanted.Md5 != there.Md5)
            found.Add(DifferenceClass.Md5, wanted.Path, $"has MD5 {there.Md5}, not {wanted.Md5}");
        if (wanted.Target is not null && there.Target is not null && wanted.Target != there.Target)
            found.Add(DifferenceClass.Target, wanted.Path, $"points to {there.Target}, not to {wanted.Target}");
        return true;
    }

    private static void Again(InventoryEntry old, InventoryEntry current, Differences found)
    {
        Times(old, current, found);
        if (old.Changed is not null && old.Changed != current.Changed)
            found.Add(DifferenceClass.Time, old.Path, $"was changed at {current.Changed:O}, before at {old.Changed:O}");
        Modes(old, current, found);
        Smb(old, current, found);
        if (old.ETag is not null && old.ETag != current.ETag)
            found.Add(DifferenceClass.Version, old.Path, "is another version");
    }

    private static void Copied(InventoryEntry wanted, InventoryEntry there, CopyRules rules, Differences found)
    {
        if (rules.Times)
        {
            Times(wanted, there, found);
            Smb(wanted, there, found);
        }
        if (rules.Modes)
            Modes(wanted, there, found);
        if (rules.Tier is { } tier && there.Kind == EntryKind.File && !string.Equals(there.Tier, tier, StringComparison.OrdinalIgnoreCase))
            found.Add(DifferenceClass.Tier, there.Path, $"is in tier {there.Tier ?? "unknown"}, not {tier}");
    }

    private static void Times(InventoryEntry wanted, InventoryEntry there, Differences found)
    {
        if (wanted.Modified is { } time && (time != there.Modified || wanted.ModifiedNanoseconds != there.ModifiedNanoseconds))
            found.Add(DifferenceClass.Time, wanted.Path, $"was last changed at {there.Modified:O}, not at {time:O}");
    }

    // Only where both sides are shares.
    private static void Smb(InventoryEntry wanted, InventoryEntry there, Differences found)
    {
        if (wanted.Created is { } created && there.Created is { } made && created != made)
            found.Add(DifferenceClass.Time, wanted.Path, $"was made at {made:O}, not at {created:O}");
        if (wanted.Attributes is not null && there.Attributes is not null && !SmbAttributes.AreSame(wanted.Attributes, there.Attributes))
            found.Add(DifferenceClass.Mode, wanted.Path, $"has the attributes {there.Attributes}, not {wanted.Attributes}");
    }

    private static void Modes(InventoryEntry wanted, InventoryEntry there, Differences found)
    {
        // Linux gives every link 0777, and it cannot be set.
        if (wanted.Mode is { } mode && there.Mode != mode && wanted.Kind != EntryKind.Link)
            found.Add(DifferenceClass.Mode, wanted.Path, $"has mode {Octal(there.Mode)}, not {Octal(mode)}");
    }

    private static string Word(EntryKind kind) => kind == EntryKind.Other ? "thing that cannot be moved" : kind.ToString().ToLowerInvariant();

    private static string Octal(int? mode) => mode is { } bits ? Convert.ToString(bits, 8).PadLeft(4, '0') : "unknown";
}
