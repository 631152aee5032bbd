using System.Runtime.InteropServices;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Signals that .NET cannot send.</summary>
internal static partial class ProcessSignals
{
    private const int Sigint = 2;

    /// <summary>Sends SIGINT. The process must be a child that was not waited for, so that its id cannot be another's; one that has ended feels nothing.</summary>
    public static void Interrupt(int processId) => _ = Kill(processId, Sigint);

    [LibraryImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
