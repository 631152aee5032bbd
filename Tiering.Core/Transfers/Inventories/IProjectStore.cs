using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>
/// One project's data in one location, read and removed by our own code (never by AzCopy: a proof must not share the fault of what it
/// proves). Implementations are safe for concurrent use.
/// </summary>
public interface IProjectStore
{
    Location Location { get; }

    /// <summary>Asks for the least that shows whether the store answers at all.</summary>
    /// <exception cref="StoreUnavailableException">It does not.</exception>
    Task CheckReachableAsync(CancellationToken cancellation);

    /// <summary>
    /// Every file, folder and link of the project, in the order of the paths' UTF-8 bytes, in bounded memory. Whatever cannot be read
    /// is an error, never an omission: the sequence ends well only when it was complete.
    /// </summary>
    /// <exception cref="ProjectDataMissingException">The project's folder does not exist here (for blobs: no blob has its prefix).</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer, or not with what was asked; trying again may help.</exception>
    /// <exception cref="StoreRefusedException">The store refused (permission, unreadable folder); trying again does not help.</exception>
    IAsyncEnumerable<InventoryEntry> ListAsync(CancellationToken cancellation);

    /// <summary>Reads one file. For blobs and shares with <see cref="InventoryEntry.ETag"/> set, only that version.</summary>
    /// <exception cref="EntryChangedException">The file is gone, or is no longer what the entry says.</exception>
    Task<Stream> OpenReadAsync(InventoryEntry entry, CancellationToken cancellation);

    /// <summary>
    /// Removes files and links, and folders that are empty (others stay, and show in the next inventory). What is gone already is no
    /// error. Never follows a link.
    /// </summary>
    /// <param name="entries">As this store listed them: what has changed since is not removed.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EntryChangedException">An entry has changed since it was listed; some of the others may be removed.</exception>
    Task DeleteAsync(IReadOnlyList<InventoryEntry> entries, CancellationToken cancellation);

    /// <summary>
    /// Puts back what AzCopy does not carry and this kind of store can hold: empty folders, links, modes, times, attributes; for blobs
    /// nothing. Files that are missing are left to the comparison. Safe to repeat.
    /// </summary>
    /// <param name="manifest">What the project has to look like, in order.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task PutBackAsync(IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation);

    /// <summary>
    /// Makes the project's own folder when it is missing, so that a project without files is there too. For blobs this is a marker, a
    /// blob of no bytes that no inventory shows.
    /// </summary>
    /// <exception cref="StoreUnavailableException">What it has to lie in is missing.</exception>
    Task CreateRootAsync(CancellationToken cancellation);

    /// <summary>
    /// What the project's own folder looks like, as an entry with the path <c>.</c>: its mode, times and attributes, as far as this kind of store
    /// has them. Null when there is none: for blobs, and without a project, which the listing tells.
    /// </summary>
    Task<InventoryEntry?> DescribeRootAsync(CancellationToken cancellation);

    /// <summary>Gives the project's own folder the mode, times and attributes of an entry, as far as this kind of store has them. It comes last: whatever is made in a folder changes its time.</summary>
    Task PutBackRootAsync(InventoryEntry kept, CancellationToken cancellation);

    /// <summary>
    /// Makes what the project holds outlast a loss of power: a folder's file system is written to its disk. Storage services have done so
    /// before they answered.
    /// </summary>
    /// <exception cref="ProjectDataMissingException">There is no project.</exception>
    /// <exception cref="StoreUnavailableException">The disk did not take it.</exception>
    Task SyncAsync(CancellationToken cancellation);

    /// <summary>Removes the project's own folder, which must be empty; for blobs its marker. What is gone already is no error.</summary>
    Task DeleteRootAsync(CancellationToken cancellation);
}

public sealed class ProjectDataMissingException(Location location)
    : TieringException("project-data-missing", $"There is no project data in the {location.Kind.ToString().ToLowerInvariant()} location.", isTransient: false)
{
    public Location Location { get; } = location;
}

/// <param name="what">What was asked of the store, without secrets and without a path of the server.</param>
/// <param name="inner">What was caught.</param>
public sealed class StoreUnavailableException(string what, Exception? inner = null)
    : TieringException("store-unavailable", $"The storage did not answer: {what}.", isTransient: true, inner)
{
    /// <summary>True when it did answer, and what all projects of the role lie in is not there.</summary>
    public bool IsRootMissing { get; init; }
}

/// <param name="what">What was refused, without secrets and without a path of the server.</param>
/// <param name="inner">What was caught.</param>
public sealed class StoreRefusedException(string what, Exception? inner = null)
    : TieringException("store-refused", $"The storage refused: {what}.", isTransient: false, inner);

/// <param name="path">The entry that is gone or has changed since it was listed.</param>
/// <param name="what">What has changed.</param>
public sealed class EntryChangedException(string path, string what)
    : TieringException("entry-changed", $"{path} {what}.", isTransient: false)
{
    public string Path { get; } = path;

    public string What { get; } = what;
}
