using System.Runtime.InteropServices;

namespace Tiering.Tests.Transfers.Inventories;

/// <summary>Makes files that .NET cannot name or make.</summary>
internal static partial class RawNames
{
    /// <summary>Makes an empty file whose name is the given bytes.</summary>
    public static void MakeFile(string folder, params byte[] name)
    {
        int descriptor = Open([.. System.Text.Encoding.UTF8.GetBytes(folder + "/"), .. name, 0], 0x41, 0x1a4); // O_CREAT | O_WRONLY, rw-r--r--
        if (descriptor < 0)
            throw new IOException($"errno {Marshal.GetLastPInvokeError()}");
        _ = Close(descriptor);
    }

    /// <summary>Removes such a file.</summary>
    public static void DeleteFile(string folder, params byte[] name) => _ = Unlink([.. System.Text.Encoding.UTF8.GetBytes(folder + "/"), .. name, 0]);

    public static void MakePipe(string path)
    {
        if (MakeFifo(path, 0x1a4) != 0)
            throw new IOException($"errno {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte[] path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "unlink")]
    private static partial int Unlink(byte[] path);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
