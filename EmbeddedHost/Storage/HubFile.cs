using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>A task hub's file: inputs and results lie in it, so that nobody but the user of the service may read it.</summary>
internal static class HubFile
{
    /// <summary>Makes the file, empty, with mode 0600, if it is absent. SQLite gives its log the same mode.</summary>
    /// <exception cref="TaskHubUnavailableException">It cannot be made.</exception>
    public static void Prepare(string path)
    {
        if (File.Exists(path))
            return; // closing a file that SQLite holds open in this process would drop its locks
        try
        {
            using FileStream file = new(path, Options(FileShare.ReadWrite));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new TaskHubUnavailableException($"The file {path} cannot be made: {denied.Message}", denied);
        }
    }

    public static FileStreamOptions Options(FileShare share)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
