namespace Tiering.Core.Transfers.Inventories;

/// <summary>
/// Knows when a walk in the order of whole paths has left a folder for good. Between a folder and its content may come siblings
/// (<c>a</c>, <c>a!</c>, <c>a/b</c>), so that the folders still open are those whose path the current one begins with: never more than
/// the current path is long.
/// </summary>
internal static class PathRange
{
    /// <summary>Whether content of <paramref name="folder"/> may still come at or behind <paramref name="path"/>, which comes after the folder.</summary>
    public static bool IsOpen(string folder, string path) =>
        path.Length > folder.Length && path[folder.Length] <= '/' && path.StartsWith(folder, StringComparison.Ordinal);

    /// <summary>Whether a path lies in a folder, at any depth.</summary>
    public static bool Contains(string folder, string path) =>
        path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);

    /// <summary>The same folders less those that a path lies in.</summary>
    public static Stack<string> Without(Stack<string> folders, string path) => folders.Count > 0 && folders.Any(folder => Contains(folder, path))
        ? new Stack<string>(folders.Where(folder => !Contains(folder, path)).Reverse())
        : folders;
}
