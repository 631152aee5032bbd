namespace Tiering.Tests.Support;

/// <summary>A fresh folder below the system's temp folder, removed with all that lies in it.</summary>
public sealed class TempFolder : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public TempFolder() => Root = Directory.CreateTempSubdirectory("tiering-test-").FullName;

    public string Root { get; }

    /// <summary>A path below the folder; nothing is created.</summary>
    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Creates a folder below this one and gives its path.</summary>
    public string Folder(params string[] parts) => Directory.CreateDirectory(At(parts)).FullName;

    /// <summary>Creates a file, with the folders above it, and gives its path.</summary>
    public string File(string path, string content)
    {
        string full = At(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content);
        return full;
    }

    public void Dispose()
    {
        if (!Directory.Exists(Root))
            return;
        // A test may have taken rights away; links are removed as links.
        foreach (DirectoryInfo folder in Walk(new DirectoryInfo(Root)))
            folder.UnixFileMode |= OwnerAll;
        Directory.Delete(Root, recursive: true);
    }

    private static IEnumerable<DirectoryInfo> Walk(DirectoryInfo folder)
    {
        yield return folder;
        foreach (DirectoryInfo child in folder.EnumerateDirectories().Where(d => d.LinkTarget is null))
        {
            foreach (DirectoryInfo below in Walk(child))
                yield return below;
        }
    }
}
