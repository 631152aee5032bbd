using System.Globalization;
using System.Security.Cryptography;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Cli.Showcase;

/// <summary>One file, folder or link, as the showcase found it. It reads by itself: it must not share a fault with what it checks.</summary>
/// <param name="Path">Relative to the snapshot's folder, separated by '/'.</param>
/// <param name="Kind">File, folder or link.</param>
/// <param name="Modified">Last change of the content, to 100 ns; of a link, its own.</param>
public sealed record SnapshotEntry(string Path, EntryKind Kind, DateTimeOffset Modified)
{
    /// <summary>In bytes; 0 for folders and links.</summary>
    public long Size { get; init; }

    /// <summary>Of the content, in hexadecimal; null for folders and links, and for what cannot be read.</summary>
    public string? Sha256 { get; init; }

    /// <summary>POSIX permission bits; null for links.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a link points, as written.</summary>
    public string? Target { get; init; }

    /// <summary>Why this could not be read; null when it could.</summary>
    public string? Unreadable { get; init; }
}

/// <summary>Everything that lies below a folder: every file's SHA-256, times, modes and links. The folder itself is not part of it.</summary>
/// <param name="Entries">In the order of their paths.</param>
public sealed record FolderSnapshot(IReadOnlyList<SnapshotEntry> Entries)
{
    public DataSize Size() => new(Entries.LongCount(entry => entry.Kind == EntryKind.File), Entries.Sum(entry => entry.Size));

    /// <summary>Reads the whole folder, several files at a time.</summary>
    public static async Task<FolderSnapshot> TakeAsync(string folder, CancellationToken cancellation)
    {
        SnapshotEntry[] entries = [.. Walk(new DirectoryInfo(folder), "")];
        await Parallel.ForAsync(0, entries.Length, cancellation, async (i, stop) =>
        {
            if (entries[i].Kind == EntryKind.File)
                entries[i] = await WithHashAsync(entries[i], Path.Combine(folder, entries[i].Path), stop);
        });
        Array.Sort(entries, (left, right) => string.CompareOrdinal(left.Path, right.Path));
        return new FolderSnapshot(entries);
    }

    public FolderSnapshot WithoutModes() => new([.. Entries.Select(entry => entry with { Mode = null })]);

    /// <summary>Without what could not be read: names that the transfer itself has to refuse.</summary>
    public FolderSnapshot Readable() => new([.. Entries.Where(entry => entry.Unreadable is null)]);

    /// <summary>How <paramref name="later"/> differs from this, a sentence each; empty when it does not.</summary>
    public IReadOnlyList<string> Compare(FolderSnapshot later)
    {
        Dictionary<string, SnapshotEntry> found = later.Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        List<string> differences = [];
        foreach (SnapshotEntry entry in Entries)
        {
            if (found.Remove(entry.Path, out SnapshotEntry? other))
                differences.AddRange(Differences(entry, other));
            else
                differences.Add($"{entry.Path}: missing");
        }
        differences.AddRange(found.Keys.Order(StringComparer.Ordinal).Select(path => $"{path}: was not there before"));
        return differences;
    }

    private static IEnumerable<string> Differences(SnapshotEntry before, SnapshotEntry after)
    {
        if (before.Kind != after.Kind)
        {
            yield return $"{before.Path}: is a {Name(after.Kind)}, was a {Name(before.Kind)}";
            yield break;
        }
        if (before.Unreadable is not null || after.Unreadable is not null)
            yield return $"{before.Path}: cannot be read ({after.Unreadable ?? before.Unreadable})";
        if (before.Size != after.Size)
            yield return $"{before.Path}: has {after.Size} bytes, had {before.Size}";
        else if (before.Sha256 != after.Sha256)
            yield return $"{before.Path}: its content has another SHA-256";
        if (before.Target != after.Target)
            yield return $"{before.Path}: points to {after.Target}, pointed to {before.Target}";
        if (before.Mode != after.Mode)
            yield return $"{before.Path}: has mode {Octal(after.Mode)}, had {Octal(before.Mode)}";
        if (before.Modified != after.Modified)
            yield return string.Create(CultureInfo.InvariantCulture, $"{before.Path}: was changed at {after.Modified:O}, before at {before.Modified:O}");
    }

    private static IEnumerable<SnapshotEntry> Walk(DirectoryInfo folder, string prefix)
    {
        // Links are entries, never ways.
        foreach (FileSystemInfo item in folder.EnumerateFileSystemInfos())
        {
            string path = prefix + item.Name;
            SnapshotEntry entry = Read(item, path);
            yield return entry;
            if (entry is not { Kind: EntryKind.Folder, Unreadable: null })
                continue;
            foreach (SnapshotEntry below in Walk((DirectoryInfo)item, path + "/"))
                yield return below;
        }
    }

    private static SnapshotEntry Read(FileSystemInfo item, string path)
    {
        try
        {
            if (item.LinkTarget is { } target)
                return new SnapshotEntry(path, EntryKind.Link, Modified(item)) { Target = target };
            int mode = (int)item.UnixFileMode;
            return item is FileInfo file
                ? new SnapshotEntry(path, EntryKind.File, Modified(item)) { Size = file.Length, Mode = mode }
                : new SnapshotEntry(path, EntryKind.Folder, Modified(item)) { Mode = mode };
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // A name that is no valid UTF-8 is shown by the system, and cannot be opened by it.
            return new SnapshotEntry(path, item is FileInfo ? EntryKind.File : EntryKind.Folder, default) { Unreadable = unreadable.GetType().Name };
        }
    }

    private static async Task<SnapshotEntry> WithHashAsync(SnapshotEntry entry, string path, CancellationToken cancellation)
    {
        if (entry.Unreadable is not null)
            return entry;
        try
        {
            await using FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 18, FileOptions.SequentialScan);
            return entry with { Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation)) };
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return entry with { Unreadable = unreadable.GetType().Name };
        }
    }

    private static DateTimeOffset Modified(FileSystemInfo item) => new(item.LastWriteTimeUtc, TimeSpan.Zero);

    private static string Name(EntryKind kind) => kind.ToString().ToLowerInvariant();

    private static string Octal(int? mode) => mode is { } bits ? Convert.ToString(bits, 8).PadLeft(4, '0') : "none";
}
