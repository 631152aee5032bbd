using System.Collections.Concurrent;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>
/// The names in each local folder, as a share sees them: without regard to case. Read again when the folder's modification time says
/// that something was added or removed from outside.
/// </summary>
internal sealed class FolderNames
{
    private const int KeptFolders = 4096;

    private readonly ConcurrentDictionary<string, Names> _folders = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>The name on disk that equals this one but for case; null for none.</summary>
    public string? Find(string folder, string name)
    {
        lock (_lock)
            return Read(folder).Spelling.TryGetValue(name, out string? actual) ? actual : null;
    }

    /// <summary>All names in the share's order.</summary>
    /// <exception cref="StorageException">The local folder holds what a share cannot: nothing is left out silently.</exception>
    public string[] All(string folder)
    {
        lock (_lock)
        {
            Names names = Read(folder);
            if (names.Objection is { } objection)
                throw new StorageException(400, "InvalidResourceName", objection);
            return names.Sorted ??= [.. names.Spelling.Values.Order(StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>Carries out one addition or removal without reading the whole folder again.</summary>
    /// <param name="folder">The local folder.</param>
    /// <param name="change">What is done to it.</param>
    /// <param name="added">The name that is there afterwards; null for a removal.</param>
    /// <param name="removed">The name that is gone afterwards; null for an addition.</param>
    /// <param name="exclusive">Whether the name must be new; else only another spelling of it is refused.</param>
    /// <exception cref="StorageException">The name is taken: another request was faster.</exception>
    public void Change(string folder, Action change, string? added = null, string? removed = null, bool exclusive = false)
    {
        lock (_lock)
        {
            Names names = Read(folder);
            if (added is not null && names.Spelling.TryGetValue(added, out string? taken) && (exclusive || taken != added))
                throw StorageException.ResourceAlreadyExists();
            change();
            if (added is not null)
                names.Spelling[added] = added;
            if (removed is not null)
                names.Spelling.Remove(removed);
            names.Sorted = null;
            names.Modified = Directory.GetLastWriteTimeUtc(folder).Ticks;
        }
    }

    private Names Read(string folder)
    {
        long modified = Directory.GetLastWriteTimeUtc(folder).Ticks;
        if (_folders.TryGetValue(folder, out Names? known) && known.Modified == modified)
            return known;
        Names names = new() { Modified = modified };
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            names.Add(entry);
        if (_folders.Count >= KeptFolders)
            _folders.Clear();
        return _folders[folder] = names;
    }

    private sealed class Names
    {
        public long Modified { get; set; }

        public Dictionary<string, string> Spelling { get; } = new(StringComparer.OrdinalIgnoreCase);

        public string[]? Sorted { get; set; }

        /// <summary>Why a share could not hold what is here; null when it can.</summary>
        public string? Objection { get; private set; }

        public void Add(FileSystemInfo entry)
        {
            string? rule = ShareNames.Objection(entry.Name)
                ?? (!ShareFolder.IsPlain(entry) ? "an entry is a file or a directory" : null)
                ?? (Spelling.TryAdd(entry.Name, entry.Name) ? null : "two names differ in nothing but case");
            if (rule is not null)
                Objection ??= $"The local folder behind this share holds '{entry.Name}', which no share can hold: {rule}.";
        }
    }
}
