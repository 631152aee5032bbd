using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Puts back into a folder what AzCopy does not carry: empty folders, links, modes, and times of files, links and folders. Never follows
/// a link. Safe to repeat, also after it was cut off anywhere.
/// </summary>
public static class FolderFidelity
{
    /// <summary>
    /// Makes every folder of the destination usable (its owner may list, enter and write; files may be read and written), so that a copy
    /// over what is there already does not fail on odd modes.
    /// </summary>
    /// <exception cref="StoreRefusedException">A mode could not be changed.</exception>
    public static Task LoosenAsync(string root, CancellationToken cancellation) => throw new NotSupportedException();

    /// <param name="root">The project's folder; made when it is missing.</param>
    /// <param name="manifest">What the folder has to look like. Files that are missing are left to the comparison.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="StoreRefusedException">A link, or something else that is no folder, stands where a folder belongs; or the system refuses.</exception>
    public static Task ApplyAsync(string root, IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
