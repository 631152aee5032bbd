using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// The files that an AzCopy which was ended leaves in a folder: it downloads to <c>.azDownload-JOBID-NAME</c> beside the final name.
/// Source: azure-storage-azcopy, ste/xfer-remoteToLocal-file.go.
/// </summary>
public static class AzCopyLeftovers
{
    private const string Prefix = ".azDownload-";

    /// <summary>Whether an entry is what an AzCopy job of this operation, or of an earlier one, was writing.</summary>
    public static bool IsOf(InventoryEntry entry, TransferSession session) =>
        IsOf(entry, session.Job.EarlierAzCopyJobs) || IsOf(entry, session.Checkpoint.AzCopyJobs);

    /// <summary>Whether an entry is what one of these AzCopy jobs was writing. Another job's is not ours to remove.</summary>
    public static bool IsOf(InventoryEntry entry, IReadOnlyList<string> jobs)
    {
        if (entry.Kind != EntryKind.File)
            return false;
        ReadOnlySpan<char> name = entry.Path.AsSpan(entry.Path.LastIndexOf('/') + 1);
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        foreach (string job in jobs)
        {
            if (name[Prefix.Length..].StartsWith(job + "-", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Removes what ended AzCopy jobs, of this transfer and of earlier ones, have left in the destination.</summary>
    public static async Task RemoveAsync(TransferSession session, CancellationToken cancellation)
    {
        List<InventoryEntry> leftovers = [];
        await foreach (InventoryEntry entry in session.List(session.Destination, cancellation))
        {
            if (IsOf(entry, session))
                leftovers.Add(entry);
        }
        await session.Destination.DeleteAsync(leftovers, cancellation);
    }
}
