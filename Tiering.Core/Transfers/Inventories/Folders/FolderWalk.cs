using System.Text;

namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>Lists everything below an open folder, in the order of whole paths. It holds one open folder and its names for each level of depth.</summary>
internal sealed class FolderWalk : IDisposable
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stack<Level> levels = new();

    /// <param name="root">The project's folder; the walk closes it.</param>
    public FolderWalk(FolderHandle root) => levels.Push(new Level(root, "", FolderNames.Read(root, "the project's folder")));

    private sealed class Level(FolderHandle folder, string prefix, FolderNames names)
    {
        public FolderHandle Folder => folder;

        public string Prefix => prefix;

        public FolderNames Names => names;

        public int Next { get; set; }
    }

    /// <summary>The next entry; null at the end.</summary>
    /// <exception cref="TieringException">Something could not be read, or changed meanwhile.</exception>
    public InventoryEntry? Next()
    {
        while (levels.TryPeek(out Level? level))
        {
            if (level.Next == level.Names.Count)
            {
                levels.Pop().Folder.Dispose();
                continue;
            }
            int index = level.Next++;
            if (!level.Names.IsContent(index))
                return Look(level, level.Names.Name(index));
            Enter(level, level.Names.Name(index));
        }
        return null;
    }

    public void Dispose()
    {
        foreach (Level level in levels)
            level.Folder.Dispose();
        levels.Clear();
    }

    private void Enter(Level level, ReadOnlySpan<byte> name)
    {
        if (Decode(name[..^1]) is not { } text)
            return; // told already, as something that cannot be moved
        string path = level.Prefix + text;
        FolderHandle folder = Posix.OpenFolder(level.Folder, name) ?? throw FolderErrors.Of(Posix.LastError, $"reading the folder {path}");
        try
        {
            levels.Push(new Level(folder, path + "/", FolderNames.Read(folder, path)));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static InventoryEntry Look(Level level, ReadOnlySpan<byte> name)
    {
        if (Decode(name[..^1]) is not { } text)
            return Refused(level.Prefix + Escape(name[..^1]), "its name is not valid UTF-8");
        string path = level.Prefix + text;
        if (!Posix.Stat(level.Folder, name, out FileStatus status))
            throw FolderErrors.Of(Posix.LastError, $"looking at {path}");
        if (PosixTime.Of(status.ModifiedSeconds, status.ModifiedNanoseconds) is not { } modified)
            return Refused(path, "its time of last change lies outside the years 1 to 9999");
        if (status is { IsFile: false, IsFolder: false, IsLink: false })
            return Refused(path, $"it is {status.KindName}");
        string? target = null;
        if (status.IsLink)
        {
            byte[] raw = Posix.ReadLink(level.Folder, name) ?? throw FolderErrors.Of(Posix.LastError, $"reading the link {path}");
            target = Decode(raw);
            if (target is null)
                return Refused(path, "it is a link to a name that is not valid UTF-8");
        }
        if (status.IsFile && (status.Mode & 0x124) != 0x124 && !Posix.CanRead(level.Folder, name)) // not r--r--r--: ask
            throw FolderErrors.Of(Posix.LastError, $"reading the file {path}");
        EntryKind kind = status.IsFile ? EntryKind.File : status.IsFolder ? EntryKind.Folder : EntryKind.Link;
        return new InventoryEntry(path, kind, status.IsFile ? (long)status.Size : 0)
        {
            Modified = modified,
            ModifiedNanoseconds = PosixTime.Rest(status.ModifiedNanoseconds),
            Changed = PosixTime.Of(status.ChangedSeconds, status.ChangedNanoseconds),
            Mode = status.Mode,
            Target = target,
        };
    }

    private static InventoryEntry Refused(string path, string why) => new(path, EntryKind.Other, 0) { Refusal = why };

    private static string? Decode(ReadOnlySpan<byte> name)
    {
        try
        {
            return Strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // Bytes that are no text as \xFF, the rest as it is.
    private static string Escape(ReadOnlySpan<byte> name)
    {
        StringBuilder text = new();
        while (!name.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (valid)
                text.Append(rune.ToString());
            for (int i = 0; !valid && i < length; i++)
                text.Append(FormattableString.Invariant($"\\x{name[i]:X2}"));
            name = name[length..];
        }
        return text.ToString();
    }
}
