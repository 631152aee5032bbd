using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Puts back into a folder what AzCopy does not carry: empty folders, links, modes, and times of files, links and folders. Never follows
/// a link. Safe to repeat, also after it was cut off anywhere.
/// </summary>
public static class FolderFidelity
{
    /// <summary>
    /// Makes every folder of the destination usable (its owner may list, enter and write; files may be read and written), so that a copy
    /// over what is there already does not fail on odd modes. A missing destination is left missing.
    /// </summary>
    /// <exception cref="StoreRefusedException">A mode could not be changed.</exception>
    public static async Task LoosenAsync(string root, CancellationToken cancellation)
    {
        await Task.Yield(); // the system calls below work long without waiting for anything
        using FolderHandle? folder = Open(root);
        if (folder is not null)
            Loosen(folder, "", cancellation);
    }

    /// <param name="root">The project's folder; made when it is missing.</param>
    /// <param name="manifest">What the folder has to look like, in order. Files that are missing are left to the comparison.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="StoreRefusedException">A link, or something else that is no folder, stands where a folder belongs; or the system refuses.</exception>
    public static async Task ApplyAsync(string root, IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation)
    {
        Directory.CreateDirectory(root);
        using FolderChain chain = new(Open(root) ?? throw new StoreUnavailableException("opening the project's folder"));
        Stack<InventoryEntry> open = new(); // folders get their modes and times when nothing in them is touched any more
        await foreach (InventoryEntry entry in manifest.WithCancellation(cancellation))
        {
            while (open.TryPeek(out InventoryEntry? folder) && !PathRange.IsOpen(folder.Path, entry.Path))
                Finish(chain, open.Pop());
            switch (entry.Kind)
            {
                case EntryKind.Folder:
                    MakeFolder(chain, entry.Path);
                    open.Push(entry);
                    break;
                case EntryKind.Link:
                    MakeLink(chain, entry);
                    break;
                default:
                    Finish(chain, entry);
                    break;
            }
        }
        while (open.TryPop(out InventoryEntry? folder))
            Finish(chain, folder);
    }

    // The project's own folder, usable by its owner; null when it is missing.
    private static FolderHandle? Open(string root)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        using FolderHandle? parent = Posix.OpenFolder(Path.GetDirectoryName(full)!);
        if (parent is null)
            return Posix.LastError == Posix.NotFound ? null : throw FolderErrors.Of(Posix.LastError, "opening the folder of all projects");
        byte[] name = Posix.Name(Path.GetFileName(full));
        FolderChain.Loosen(parent, name, "of the project");
        return Posix.OpenFolder(parent, name) ?? Posix.LastError switch
        {
            Posix.NotFound => null,
            Posix.NotAFolder or Posix.TooManyLinks => throw new StoreRefusedException("the project's folder is a link or a file"),
            int error => throw FolderErrors.Of(error, "opening the project's folder"),
        };
    }

    private static void Loosen(FolderHandle folder, string prefix, CancellationToken cancellation)
    {
        const int ReadWrite = 0x180; // rw-------
        FolderNames names = FolderNames.Read(folder, prefix.Length == 0 ? "the project's folder" : prefix);
        for (int i = 0; i < names.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] name = names.Name(i).ToArray();
            string path = prefix + System.Text.Encoding.UTF8.GetString(name.AsSpan(0, name.Length - 1));
            if (names.IsContent(i))
            {
                FolderChain.Loosen(folder, name, path);
                using FolderHandle inner = Posix.OpenFolder(folder, name) ?? throw FolderErrors.Of(Posix.LastError, $"opening the folder {path}");
                Loosen(inner, path + "/", cancellation);
            }
            else if (Posix.Stat(folder, name, out FileStatus status) && status.IsFile && (status.Mode & ReadWrite) != ReadWrite
                && !Posix.SetMode(folder, name, status.Mode | ReadWrite))
            {
                throw FolderErrors.Of(Posix.LastError, $"making the file {path} writable");
            }
        }
    }

    private static FolderHandle Parent(FolderChain chain, string path, out byte[] name)
    {
        if (chain.Parent(path, loosen: true, out name) is { } parent)
            return parent;
        MakeFolder(chain, path[..path.LastIndexOf('/')]); // an inventory of blobs names no folders
        return chain.Parent(path, loosen: true, out name) ?? throw new StoreUnavailableException($"making the folders above {path}");
    }

    private static void MakeFolder(FolderChain chain, string path)
    {
        FolderHandle parent = Parent(chain, path, out byte[] name);
        if (!Posix.MakeFolder(parent, name) && Posix.LastError != Posix.Exists)
            throw FolderErrors.Of(Posix.LastError, $"making the folder {path}");
    }

    private static void MakeLink(FolderChain chain, InventoryEntry entry)
    {
        FolderHandle parent = Parent(chain, entry.Path, out byte[] name);
        string target = entry.Target ?? throw new StoreRefusedException($"the link {entry.Path} has no target in the manifest");
        if (Posix.Stat(parent, name, out FileStatus status))
        {
            if (!status.IsLink)
                return; // the comparison tells
            if (Posix.ReadLink(parent, name) is { } old && old.AsSpan().SequenceEqual(Posix.Name(target).AsSpan()[..^1]))
            {
                SetTime(parent, name, status, entry);
                return;
            }
            if (!Posix.Unlink(parent, name))
                throw FolderErrors.Of(Posix.LastError, $"replacing the link {entry.Path}");
        }
        if (!Posix.MakeLink(parent, name, target) || !Posix.Stat(parent, name, out status))
            throw FolderErrors.Of(Posix.LastError, $"making the link {entry.Path}");
        SetTime(parent, name, status, entry);
    }

    private static void Finish(FolderChain chain, InventoryEntry entry)
    {
        if (chain.Parent(entry.Path, loosen: true, out byte[] name) is not { } parent
            || !Posix.Stat(parent, name, out FileStatus status)
            || (entry.Kind == EntryKind.Folder ? !status.IsFolder : !status.IsFile))
            return; // the comparison tells
        if (entry.Mode is { } mode && mode != status.Mode && !Posix.SetMode(parent, name, mode))
            throw FolderErrors.Of(Posix.LastError, $"setting the mode of {entry.Path}");
        SetTime(parent, name, status, entry);
    }

    private static void SetTime(FolderHandle parent, byte[] name, FileStatus status, InventoryEntry entry)
    {
        if (entry.Modified is not { } modified)
            return;
        (long seconds, long nanoseconds) = PosixTime.Split(modified, entry.ModifiedNanoseconds);
        if ((status.ModifiedSeconds != seconds || status.ModifiedNanoseconds != nanoseconds) && !Posix.SetModified(parent, name, seconds, nanoseconds))
            throw FolderErrors.Of(Posix.LastError, $"setting the time of {entry.Path}");
    }
}
