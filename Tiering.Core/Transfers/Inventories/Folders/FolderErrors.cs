using System.Runtime.InteropServices;

namespace Tiering.Core.Transfers.Inventories.Folders;

/// <summary>Turns what the system answered into our errors. They name paths relative to the project, never the server's.</summary>
internal static class FolderErrors
{
    /// <param name="error">The system's number of what went wrong.</param>
    /// <param name="what">What was tried.</param>
    public static TieringException Of(int error, string what) => error switch
    {
        Posix.AccessDenied or Posix.NotPermitted => new StoreRefusedException($"{what}: permission denied"),
        Posix.NotFound or Posix.NotAFolder or Posix.TooManyLinks or Posix.IsAFolder =>
            new StoreUnavailableException($"{what}: it changed while it was being read"),
        _ => new StoreUnavailableException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}"),
    };
}
