namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>
/// Finds the folder that a path lies in by opening one part of the path after the other, none through a link. It keeps the folders of the
/// last path open, so that paths in order cost little.
/// </summary>
/// <param name="root">The project's folder; closed with this.</param>
internal sealed class FolderChain(FolderHandle root) : IDisposable
{
    private readonly List<(string Name, FolderHandle Folder)> open = [];

    /// <summary>The parent of a path, with the path's last part; null when a folder on the way is missing.</summary>
    /// <param name="path">Relative to the project.</param>
    /// <param name="loosen">Whether a folder on the way that its owner may not use is made usable.</param>
    /// <param name="name">The last part, as the system takes it.</param>
    /// <exception cref="TieringException">A part of the way is a link, or no folder, or cannot be opened.</exception>
    public FolderHandle? Parent(string path, bool loosen, out byte[] name)
    {
        string[] parts = path.Split('/');
        if (parts.Any(part => part is "" or "." or ".."))
            throw new StoreRefusedException($"the path {path} leaves the project");
        name = Posix.Name(parts[^1]);
        int same = 0;
        while (same < open.Count && same < parts.Length - 1 && open[same].Name == parts[same])
            same++;
        CloseFrom(same);
        for (int depth = same; depth < parts.Length - 1; depth++)
        {
            if (Open(depth == 0 ? root : open[^1].Folder, parts, depth, loosen) is not { } folder)
                return null;
            open.Add((parts[depth], folder));
        }
        return open.Count == 0 ? root : open[^1].Folder;
    }

    public void Dispose()
    {
        CloseFrom(0);
        root.Dispose();
    }

    private static FolderHandle? Open(FolderHandle parent, string[] parts, int depth, bool loosen)
    {
        byte[] name = Posix.Name(parts[depth]);
        string path = string.Join('/', parts.AsSpan(0, depth + 1)!);
        if (loosen)
            Loosen(parent, name, path);
        if (Posix.OpenFolder(parent, name) is { } folder)
            return folder;
        return Posix.LastError switch
        {
            Posix.NotFound => null,
            Posix.NotAFolder or Posix.TooManyLinks => throw new StoreRefusedException($"{path} is a link or a file where a folder belongs"),
            int error => throw FolderErrors.Of(error, $"opening the folder {path}"),
        };
    }

    /// <summary>Lets the owner list, enter and write a folder; anything else is left alone.</summary>
    public static void Loosen(FolderHandle parent, byte[] name, string path)
    {
        const int Owner = 0x1c0; // rwx------
        if (Posix.Stat(parent, name, out FileStatus status) && status.IsFolder && (status.Mode & Owner) != Owner
            && !Posix.SetMode(parent, name, status.Mode | Owner))
            throw FolderErrors.Of(Posix.LastError, $"making the folder {path} usable");
    }

    private void CloseFrom(int depth)
    {
        for (int i = open.Count - 1; i >= depth; i--)
            open[i].Folder.Dispose();
        open.RemoveRange(depth, open.Count - depth);
    }
}
