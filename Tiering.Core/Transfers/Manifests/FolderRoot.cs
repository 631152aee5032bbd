using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Mode and time of a project's own folder. It is no entry of its inventory, in which every path lies below it; the manifest's header
/// keeps it.
/// </summary>
public static class FolderRoot
{
    /// <summary>What the folder looks like now, as an entry with the path <c>.</c></summary>
    /// <exception cref="StoreUnavailableException">It could not be looked at.</exception>
    public static InventoryEntry Describe(string root)
    {
        using FolderHandle parent = OpenParent(root, out byte[] name);
        FileStatus status = Look(parent, name);
        return new InventoryEntry(".", EntryKind.Folder, 0)
        {
            Mode = status.Mode,
            Modified = PosixTime.Of(status.ModifiedSeconds, status.ModifiedNanoseconds),
            ModifiedNanoseconds = PosixTime.Rest(status.ModifiedNanoseconds),
        };
    }

    /// <summary>Gives the folder the mode and time that a manifest keeps of it. It comes last: whatever is made in a folder changes its time.</summary>
    /// <exception cref="StoreRefusedException">The system refuses.</exception>
    public static void Apply(string root, InventoryEntry kept)
    {
        using FolderHandle parent = OpenParent(root, out byte[] name);
        FileStatus status = Look(parent, name);
        if (kept.Mode is { } mode && mode != status.Mode && !Posix.SetMode(parent, name, mode))
            throw FolderErrors.Of(Posix.LastError, "setting the mode of the project's folder");
        if (kept.Modified is not { } modified)
            return;
        (long seconds, long nanoseconds) = PosixTime.Split(modified, kept.ModifiedNanoseconds);
        if (!Posix.SetModified(parent, name, seconds, nanoseconds))
            throw FolderErrors.Of(Posix.LastError, "setting the time of the project's folder");
    }

    private static FolderHandle OpenParent(string root, out byte[] name)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        name = Posix.Name(Path.GetFileName(full));
        return Posix.OpenFolder(Path.GetDirectoryName(full)!) ?? throw FolderErrors.Of(Posix.LastError, "opening the folder of all projects");
    }

    private static FileStatus Look(FolderHandle parent, byte[] name)
    {
        if (!Posix.Stat(parent, name, out FileStatus status))
            throw FolderErrors.Of(Posix.LastError, "looking at the project's folder");
        return status.IsFolder ? status : throw new StoreRefusedException("the project's folder is a link or a file");
    }
}
