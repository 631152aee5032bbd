namespace Tiering.Functions.Sqlite;

/// <summary>A file that only the user of the service may read.</summary>
internal static class PrivateFile
{
    /// <summary>Makes the file, empty, with mode 0600, and its folder, if they are absent.</summary>
    public static void Prepare(string path)
    {
        if (File.Exists(path))
            return; // closing a file that SQLite holds open in this process would drop its locks
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using FileStream file = new(path, options);
    }
}
