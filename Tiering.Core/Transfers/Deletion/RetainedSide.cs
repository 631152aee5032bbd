using System.Runtime.CompilerServices;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Deletion;

/// <summary>
/// The side of a project that stays when the other is deleted, freshly counted: files and their bytes, neither folders nor the markers that
/// stand for folders. The sentences are those of Euphrosyne's contract, 6.3.
/// </summary>
/// <param name="key">The operation whose source is to be deleted.</param>
/// <param name="store">The side that stays.</param>
public sealed class RetainedSide(OperationKey key, IProjectStore store)
{
    private readonly string side = key.DestinationRole.ToString().ToUpperInvariant();

    /// <summary>What was counted so far.</summary>
    public DataSize Size { get; private set; }

    /// <summary>Counts it and compares.</summary>
    /// <exception cref="DeletionRefusedException">It is not there, or does not hold what it must.</exception>
    public static async Task CheckAsync(OperationKey key, IProjectStore store, DataSize expected, CancellationToken cancellation)
    {
        RetainedSide retained = new(key, store);
        try
        {
            await foreach (InventoryEntry _ in retained.CountAsync(cancellation))
            {
                // only the sum counts
            }
        }
        catch (ProjectDataMissingException)
        {
            throw retained.Missing();
        }
        retained.CheckSize(expected);
    }

    /// <summary>Its entries, in order, counted as somebody else reads them.</summary>
    public async IAsyncEnumerable<InventoryEntry> CountAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (InventoryEntry entry in store.ListAsync(cancellation))
        {
            if (entry.Kind == EntryKind.File)
                Size += new DataSize(1, entry.Size);
            yield return entry;
        }
    }

    /// <summary>Absent is never taken for empty.</summary>
    public DeletionRefusedException Missing() => new(key, $"Active storage side {side} project data directory not found");

    /// <exception cref="DeletionRefusedException">It holds something else.</exception>
    public void CheckSize(DataSize expected)
    {
        if (Size != expected)
        {
            throw new DeletionRefusedException(
                key,
                $"Active storage side {side} stats mismatch: expected file_count={expected.Files} total_size={expected.Bytes}; actual file_count={Size.Files} total_size={Size.Bytes}");
        }
    }
}
