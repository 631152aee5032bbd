using System.Runtime.InteropServices;
using System.Text.Json;

namespace Tiering.Core;

/// <summary>
/// Replaces whole files so that a reader, or a restart after a crash or a power cut, finds the old content or the new and nothing in between.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>Read and write for the owner, nothing for others.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes <paramref name="value"/> as JSON.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="value">What is written, by <see cref="TieringJson"/>.</param>
    /// <param name="durable">True: on disk when this returns. False: for files whose loss a restart makes good.</param>
    public static void WriteJson<T>(string path, T value, bool durable = true) =>
        Write(path, JsonSerializer.SerializeToUtf8Bytes(value, TieringJson.Indented), durable);

    /// <summary>Writes bytes; the file has mode 0600.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, bool durable = true)
    {
        string temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private };
        using (FileStream file = new(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: durable);
        }
        File.Move(temporary, path, overwrite: true);
        if (durable)
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Reads what <see cref="WriteJson"/> wrote; null when there is no such file.</summary>
    /// <exception cref="JsonException">The file holds something else.</exception>
    public static T? ReadJson<T>(string path)
        where T : class
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize<T>(file, TieringJson.Options);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Puts the names in a folder on disk: a rename is only durable after it.</summary>
    public static void SyncFolder(string folder)
    {
        int descriptor = NativeMethods.Open(folder, NativeMethods.ReadOnly);
        if (descriptor < 0)
            throw new IOException($"The folder could not be opened to sync it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (NativeMethods.Sync(descriptor) != 0)
                throw new IOException($"The folder could not be synced (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = NativeMethods.Close(descriptor);
        }
    }

    private static partial class NativeMethods
    {
        /// <summary>O_RDONLY | O_CLOEXEC on Linux, on every architecture.</summary>
        public const int ReadOnly = 0x80000;

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Open(string path, int flags);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Sync(int descriptor);

        [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Close(int descriptor);
    }
}
