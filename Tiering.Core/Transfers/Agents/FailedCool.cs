using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Records what a COOL that failed has left at the destination, so that the next one knows it as ours: a file that changed or appeared
/// while it was copied lies there as no manifest says. Only paths that the project has, or had when the copy began, can be ours; what
/// else lies there is a stranger's and stays unexplained. Of a RESTORE nothing is recorded: people work in HOT.
/// </summary>
public static class FailedCool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Leaves no record when a store does not answer: then the manifest of the operation has to do.</summary>
    public static async Task RecordAsync(TransferSession session, TimeProvider clock, CancellationToken cancellation)
    {
        if (session.Job.Operation.Type != OperationType.Cool || !session.Checkpoint.DestinationTouched)
            return;
        try
        {
            foreach (IProjectStore store in (IProjectStore[])[session.Destination, session.Source])
                await Reachability.CheckAsync(store, Patience, cancellation); // one that is silent would be listed for minutes
            ManifestHeader header = new(session.Job.Operation.Project, session.Job.Operation, session.Job.Destination.Kind, clock.GetUtcNow());
            await using ManifestWriter writer = ManifestWriter.Create(Path.Combine(session.LocalPath, JobFiles.Left), header);
            IAsyncEnumerable<InventoryEntry>[] inventories =
                [session.List(session.Destination, cancellation), session.ReadManifest(cancellation), session.List(session.Source, cancellation)];
            await foreach (InventoryEntry?[] at in MergedEntries.OfAsync(inventories, cancellation))
            {
                bool isOurs = at[1] is not null || at[2] is not null;
                InventoryEntry? left = isOurs && at[0] is { Kind: EntryKind.File } ? at[0] : at[1]; // a write that comes late has what the manifest says
                if (left is not null)
                    await writer.WriteAsync(left, cancellation);
            }
            await writer.CompleteAsync(cancellation);
            await session.PublishAsync(JobFiles.Left, cancellation);
        }
        catch (TieringException)
        {
            // the failure of the operation itself is what counts
        }
    }
}
