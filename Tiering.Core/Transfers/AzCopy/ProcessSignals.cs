using System.Runtime.InteropServices;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Signals that .NET cannot send.</summary>
internal static partial class ProcessSignals
{
    private const int Sigint = 2;

    /// <summary>Sends SIGINT to a child that has just been seen alive: once .NET has taken note of its end, its id can be another's.</summary>
    public static void Interrupt(int processId) => _ = Kill(processId, Sigint);

    [LibraryImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
