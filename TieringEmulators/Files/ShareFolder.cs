using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>One share: a local folder, and the records of what was written to it through the share. Safe for concurrent use.</summary>
/// <param name="root">The local folder.</param>
/// <param name="records">What a folder cannot keep.</param>
/// <param name="time">The service's clock.</param>
internal sealed class ShareFolder(string root, RecordStore records, TimeProvider time)
{
    private const int Stripes = 64;

    private readonly FolderNames _names = new();
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private long _lastVersion;

    public ShareEntry Root => Describe("", new DirectoryInfo(root));

    /// <summary>Whether it is a file or folder proper: what is behind a link, a pipe or a socket is no part of a share.</summary>
    public static bool IsPlain(FileSystemInfo entry) =>
        entry.Exists && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !entry.Attributes.HasFlag(FileAttributes.Device)
        && (entry is DirectoryInfo || !IsSpecial(entry));

    /// <summary>The entry of this path, without regard to case; null when there is none.</summary>
    public ShareEntry? Find(ReadOnlySpan<string> names)
    {
        DirectoryInfo folder = new(root);
        string path = "";
        for (int at = 0; at < names.Length; at++)
        {
            FileSystemInfo? entry = EntryIn(folder.FullName, names[at]);
            if (entry is null)
                return null;
            path = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (at == names.Length - 1)
                return Describe(path, entry);
            if (entry is not DirectoryInfo below)
                return null;
            folder = below;
        }
        return Root;
    }

    /// <exception cref="StorageException">There is no such file.</exception>
    public ShareEntry File(ReadOnlySpan<string> names) =>
        Find(names) is { IsFolder: false } file ? file : throw StorageException.ResourceNotFound();

    /// <exception cref="StorageException">There is no such directory.</exception>
    public ShareEntry Folder(ReadOnlySpan<string> names) =>
        Find(names) is { IsFolder: true } folder ? folder : throw StorageException.ResourceNotFound();

    /// <summary>The entries of a directory from a name on, in the share's order.</summary>
    public IEnumerable<ShareEntry> Children(ShareEntry folder, string? from, string prefix)
    {
        string[] names = _names.All(folder.Disk.FullName);
        int first = from is null ? 0 : Array.BinarySearch(names, from, StringComparer.OrdinalIgnoreCase);
        for (int at = first < 0 ? ~first : first; at < names.Length; at++)
        {
            if (!names[at].StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            // Removed since the names were read: it is as if the listing had come a moment later.
            if (EntryIn(folder.Disk.FullName, names[at]) is { } entry)
                yield return Describe(folder.Path.Length == 0 ? entry.Name : $"{folder.Path}/{entry.Name}", entry);
        }
    }

    /// <summary>Creates a file of zeros, or replaces the one that is there.</summary>
    public ShareEntry CreateFile(string[] names, long length, EntryChange change)
    {
        string parent = ParentOf(names);
        ShareEntry? existing = Find(names);
        if (existing is { IsFolder: true })
            throw StorageException.ResourceTypeMismatch();
        if (existing is { IsReadOnly: true })
            throw StorageException.ReadOnly();
        string name = existing?.Name ?? names[^1];
        string full = Path.Combine(parent, name);
        _names.Change(parent, () => CreateOnDisk(full, length), added: name);
        return Update(Find(names) ?? throw StorageException.ResourceNotFound(), change, fresh: true);
    }

    public ShareEntry CreateFolder(string[] names, EntryChange change)
    {
        string parent = ParentOf(names);
        if (Find(names) is { } existing)
            throw existing.IsFolder ? StorageException.ResourceAlreadyExists() : StorageException.ResourceTypeMismatch();
        _names.Change(parent, () => CreateFolderOnDisk(Path.Combine(parent, names[^1])), added: names[^1], exclusive: true);
        return Update(Find(names) ?? throw StorageException.ResourceNotFound(), change, fresh: true);
    }

    public void Delete(ShareEntry entry)
    {
        if (entry.IsReadOnly)
            throw StorageException.ReadOnly();
        string parent = Path.GetDirectoryName(entry.Disk.FullName)!;
        lock (StripeOf(entry.Path))
        {
            if (entry.IsFolder && Directory.EnumerateFileSystemEntries(entry.Disk.FullName).Any())
                throw new StorageException(409, "DirectoryNotEmpty", "The specified directory is not empty.");
            // The record goes first: a file without one is whole, a record without a file would be inherited by the next of that name.
            records.Delete(entry.Path);
            _names.Change(parent, entry.Disk.Delete, removed: entry.Name);
        }
    }

    /// <summary>Records a change of content or properties: the entry gets a new ETag.</summary>
    /// <param name="entry">What changes.</param>
    /// <param name="change">The properties that change.</param>
    /// <param name="fresh">Whether what was recorded before is forgotten.</param>
    public ShareEntry Update(ShareEntry entry, EntryChange change, bool fresh = false)
    {
        lock (StripeOf(entry.Path))
        {
            entry.Disk.Refresh();
            if (!entry.Disk.Exists)
                throw StorageException.ResourceNotFound();
            DateTimeOffset now = time.GetUtcNow();
            EntryRecord before = fresh
                ? new EntryRecord(entry.Path) { Created = now }
                : records.Load(entry.Path) ?? new EntryRecord(entry.Path) { Created = entry.Created };
            if (before.Seen != entry.Disk.LastWriteTimeUtc.Ticks)
                before = before with { ContentMd5 = null }; // changed from outside
            if (change.LastWritten is { } written)
                entry.Disk.LastWriteTimeUtc = written.UtcDateTime;
            entry.Disk.Refresh();
            records.Save(change.ApplyTo(before, now) with
            {
                ETag = NextETag(),
                LastModified = now,
                Seen = entry.Disk.LastWriteTimeUtc.Ticks,
            });
            return Describe(entry.Path, entry.Disk);
        }
    }

    private string ParentOf(string[] names) =>
        Find(names.AsSpan(..^1)) is { IsFolder: true } parent ? parent.Disk.FullName : throw StorageException.ParentNotFound();

    private FileSystemInfo? EntryIn(string folder, string name)
    {
        FileSystemInfo entry = InfoOf(Path.Combine(folder, name));
        if (!entry.Exists && _names.Find(folder, name) is { } actual)
            entry = InfoOf(Path.Combine(folder, actual));
        return entry.Exists && IsPlain(entry) ? entry : null;
    }

    private static FileSystemInfo InfoOf(string path) => Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);

    private static bool IsSpecial(FileSystemInfo entry) =>
        !OperatingSystem.IsWindows() && entry is FileInfo { Length: 0 } && !SparseFile.IsRegular(entry.FullName);

    private static void CreateOnDisk(string full, long length)
    {
        try
        {
            using FileStream file = new(full, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            file.SetLength(length);
        }
        catch (PathTooLongException)
        {
            throw StorageException.InvalidName("the local file system takes no longer name");
        }
    }

    private static void CreateFolderOnDisk(string full)
    {
        try
        {
            Directory.CreateDirectory(full);
        }
        catch (PathTooLongException)
        {
            throw StorageException.InvalidName("the local file system takes no longer name");
        }
    }

    private ShareEntry Describe(string path, FileSystemInfo disk) => new(path, disk, records.Load(path));

    private Lock StripeOf(string path) => _stripes[(uint)string.GetHashCode(path, StringComparison.Ordinal) % Stripes];

    private string NextETag()
    {
        long now = time.GetUtcNow().UtcTicks;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref _lastVersion);
            next = Math.Max(now, seen + 1);
        }
        while (Interlocked.CompareExchange(ref _lastVersion, next, seen) != seen);
        return $"\"0x{next:X16}\"";
    }
}
