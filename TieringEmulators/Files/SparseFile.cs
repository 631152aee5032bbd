using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tiering.Emulators.Files;

/// <summary>Which parts of a file hold data, and making holes: what .NET does not offer.</summary>
internal static partial class SparseFile
{
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int PunchHoleKeepSize = 3;
    private const int NoSuchData = 6;
    private const int NotSupported = 95;
    private const int FileTypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int StatxType = 1;
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;

    /// <summary>The parts that may hold anything but zeros, as first and last byte, within the bounds given.</summary>
    public static IEnumerable<(long First, long Last)> Data(SafeFileHandle file, long first, long last)
    {
        for (long at = first; at <= last;)
        {
            long start = Seek(file, at, SeekData);
            if (start < 0 || start > last)
                yield break;
            long end = Seek(file, start, SeekHole);
            yield return (Math.Max(start, first), Math.Min(end - 1, last));
            at = end;
        }
    }

    /// <summary>Makes zeros of a part of a file.</summary>
    public static async Task ClearAsync(SafeFileHandle file, long first, long last, CancellationToken cancellation)
    {
        if (Fallocate(file, PunchHoleKeepSize, first, last - first + 1) == 0)
            return;
        int error = Marshal.GetLastPInvokeError();
        if (error != NotSupported)
            throw new IOException(new Win32Exception(error).Message);
        byte[] zeros = new byte[Math.Min(1 << 20, last - first + 1)];
        for (long at = first; at <= last; at += zeros.Length)
            await RandomAccess.WriteAsync(file, zeros.AsMemory(0, (int)Math.Min(zeros.Length, last - at + 1)), at, cancellation);
    }

    /// <summary>Whether a path is a regular file; a link is none.</summary>
    public static bool IsRegular(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        // stx_mode stands at byte 28 of struct statx. Source: statx(2).
        return Statx(CurrentFolder, path, NoFollow, StatxType, ref MemoryMarshal.GetReference(buffer)) == 0
            && (BitConverter.ToUInt16(buffer[28..]) & FileTypeMask) == RegularFile;
    }

    private static long Seek(SafeFileHandle file, long offset, int whence)
    {
        long found = LSeek(file, offset, whence);
        if (found >= 0)
            return found;
        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchData ? -1 : throw new IOException(new Win32Exception(error).Message);
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);
}
