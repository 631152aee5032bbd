using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>
/// The system calls that work relative to an open folder and do not follow links, which .NET does not offer: with paths, a folder that
/// is swapped for a link between two calls leads out of the project. Linux, 64 bit. Names are bytes, because a name need not be text.
/// </summary>
internal static partial class Posix
{
    public const int NotFound = 2; // ENOENT
    public const int NotPermitted = 1; // EPERM
    public const int AccessDenied = 13; // EACCES
    public const int Exists = 17; // EEXIST
    public const int NotAFolder = 20; // ENOTDIR
    public const int IsAFolder = 21; // EISDIR
    public const int TooManyLinks = 40; // ELOOP
    public const int NotEmpty = 39; // ENOTEMPTY

    /// <summary>For <c>utimensat</c>: leave this time alone (UTIME_OMIT).</summary>
    public const long OmitTime = 0x3ffffffe;

    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int RemoveFolder = 0x200; // AT_REMOVEDIR
    private const int EffectiveAccess = 0x200; // AT_EACCESS
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int MayRead = 4; // R_OK

    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int FolderOnly = Arm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int RefuseLinks = Arm ? 0x8000 : 0x20000; // O_NOFOLLOW

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>The name as the system takes it: UTF-8, ended by a zero.</summary>
    public static byte[] Name(ReadOnlySpan<char> text)
    {
        byte[] name = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, name);
        return name;
    }

    /// <summary>Opens a folder by its path, following links; null when that fails (see <see cref="LastError"/>).</summary>
    public static FolderHandle? OpenFolder(string path) => Handle(Native.Open(CurrentFolder, Name(path), FolderOnly | CloseOnExec, 0));

    /// <summary>Writes the whole file system that a folder lies on to its disk; false when that fails.</summary>
    public static bool SyncFileSystem(FolderHandle folder) => Native.Sync(folder.Number) == 0;

    /// <summary>Opens a folder inside another, never through a link; null when that fails.</summary>
    public static FolderHandle? OpenFolder(FolderHandle parent, ReadOnlySpan<byte> name) =>
        Handle(Native.Open(parent.Number, name, FolderOnly | RefuseLinks | CloseOnExec, 0));

    /// <summary>Opens a file for reading, never through a link; null when that fails.</summary>
    public static SafeFileHandle? OpenFile(FolderHandle parent, ReadOnlySpan<byte> name)
    {
        int descriptor = Native.Open(parent.Number, name, RefuseLinks | CloseOnExec | NonBlocking, 0);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Looks at one name of a folder, at the link itself if it is one.</summary>
    public static bool Stat(FolderHandle parent, ReadOnlySpan<byte> name, out FileStatus status) =>
        Native.Stat(parent.Number, name, NoFollow, BasicStats, out status) == 0;

    /// <summary>Looks at an open file.</summary>
    public static bool Stat(SafeFileHandle file, out FileStatus status) =>
        Native.Stat((int)file.DangerousGetHandle(), [0], EmptyPath, BasicStats, out status) == 0;

    /// <summary>Looks at an open folder.</summary>
    public static bool Stat(FolderHandle folder, out FileStatus status) =>
        Native.Stat(folder.Number, [0], EmptyPath, BasicStats, out status) == 0;

    public static bool CanRead(FolderHandle parent, ReadOnlySpan<byte> name) =>
        Native.Access(parent.Number, name, MayRead, EffectiveAccess | NoFollow) == 0;

    /// <summary>Where a link points; null when that fails.</summary>
    public static byte[]? ReadLink(FolderHandle parent, ReadOnlySpan<byte> name)
    {
        byte[] target = new byte[4096]; // PATH_MAX: no longer target can be made
        nint length = Native.ReadLink(parent.Number, name, target, target.Length);
        return length < 0 ? null : target[..(int)length];
    }

    public static bool MakeLink(FolderHandle parent, ReadOnlySpan<byte> name, string target) =>
        Native.MakeLink(Name(target), parent.Number, name) == 0;

    public static bool MakeFolder(FolderHandle parent, ReadOnlySpan<byte> name) => Native.MakeFolder(parent.Number, name, 0x1c0) == 0;

    /// <summary>Removes a file or link.</summary>
    public static bool Unlink(FolderHandle parent, ReadOnlySpan<byte> name) => Native.Unlink(parent.Number, name, 0) == 0;

    /// <summary>Removes an empty folder.</summary>
    public static bool Rmdir(FolderHandle parent, ReadOnlySpan<byte> name) => Native.Unlink(parent.Number, name, RemoveFolder) == 0;

    /// <summary>Sets the permission bits of a file or folder; of a link it refuses.</summary>
    public static bool SetMode(FolderHandle parent, ReadOnlySpan<byte> name, int mode) =>
        Native.SetMode(parent.Number, name, (uint)mode, NoFollow) == 0;

    /// <summary>Sets the time of last change of a file, folder or link itself.</summary>
    public static bool SetModified(FolderHandle parent, ReadOnlySpan<byte> name, long seconds, long nanoseconds) =>
        Native.SetTimes(parent.Number, name, [0, OmitTime, seconds, nanoseconds], NoFollow) == 0;

    /// <summary>Starts reading the names of a folder; zero when that fails.</summary>
    public static nint OpenNames(FolderHandle folder)
    {
        int copy = Native.Open(folder.Number, Name("."), FolderOnly | CloseOnExec, 0);
        if (copy < 0)
            return 0;
        nint names = Native.OpenNames(copy);
        if (names == 0)
            _ = Native.Close(copy);
        return names;
    }

    /// <summary>The next name with its type (DT_*); false at the end and on a failure: then <see cref="LastError"/> is not zero.</summary>
    public static unsafe bool NextName(nint names, out ReadOnlySpan<byte> name, out byte type)
    {
        byte* entry = (byte*)Native.NextName(names);
        if (entry == null)
        {
            name = default;
            type = 0;
            return false;
        }
        type = entry[18]; // struct dirent: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name
        name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19);
        return true;
    }

    public static void CloseNames(nint names) => _ = Native.CloseNames(names);

    public static void Close(int descriptor) => _ = Native.Close(descriptor);

    private static FolderHandle? Handle(int descriptor) => descriptor < 0 ? null : new FolderHandle(descriptor);

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "openat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Open(int folder, ReadOnlySpan<byte> name, int flags, uint mode);

        [LibraryImport("libc", EntryPoint = "close"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Close(int descriptor);

        [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Sync(int descriptor);

        [LibraryImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Stat(int folder, ReadOnlySpan<byte> name, int flags, uint mask, out FileStatus status);

        [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Access(int folder, ReadOnlySpan<byte> name, int mode, int flags);

        [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial nint ReadLink(int folder, ReadOnlySpan<byte> name, Span<byte> target, nint size);

        [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int MakeLink(ReadOnlySpan<byte> target, int folder, ReadOnlySpan<byte> name);

        [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int MakeFolder(int folder, ReadOnlySpan<byte> name, uint mode);

        [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int Unlink(int folder, ReadOnlySpan<byte> name, int flags);

        [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int SetMode(int folder, ReadOnlySpan<byte> name, uint mode, int flags);

        [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int SetTimes(int folder, ReadOnlySpan<byte> name, ReadOnlySpan<long> times, int flags);

        [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial nint OpenNames(int descriptor);

        [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial nint NextName(nint names);

        [LibraryImport("libc", EntryPoint = "closedir"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int CloseNames(nint names);
    }
}

/// <summary>An open folder.</summary>
internal sealed class FolderHandle : SafeHandleMinusOneIsInvalid
{
    public FolderHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    public int Number => (int)handle;

    protected override bool ReleaseHandle()
    {
        Posix.Close((int)handle);
        return true;
    }
}

/// <summary>The kernel's <c>struct statx</c>, as far as it is used. Source: https://man7.org/linux/man-pages/man2/statx.2.html</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(28)] public ushort FullMode;
    [FieldOffset(40)] public ulong Size;
    [FieldOffset(96)] public long ChangedSeconds;
    [FieldOffset(104)] public uint ChangedNanoseconds;
    [FieldOffset(112)] public long ModifiedSeconds;
    [FieldOffset(120)] public uint ModifiedNanoseconds;

    public readonly int Mode => FullMode & 0xfff;

    public readonly bool IsFile => (FullMode & 0xf000) == 0x8000;

    public readonly bool IsFolder => (FullMode & 0xf000) == 0x4000;

    public readonly bool IsLink => (FullMode & 0xf000) == 0xa000;

    public readonly string KindName => (FullMode & 0xf000) switch
    {
        0x1000 => "a named pipe",
        0xc000 => "a socket",
        0x2000 => "a device",
        0x6000 => "a device",
        _ => "neither file, folder nor link",
    };
}
