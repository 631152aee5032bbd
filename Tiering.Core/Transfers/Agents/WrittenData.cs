using System.Security.Cryptography;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Takes back what a cancelled transfer has written: the paths of its manifest that were not at the destination when it began, and what
/// AzCopy was still downloading. What was there before stays, replaced or not; so does what somebody else has put there meanwhile.
/// </summary>
public sealed class WrittenData(TransferSession session, TimeProvider clock)
{
    /// <summary>A request that was under way when AzCopy was ended may be carried out a little later: it is looked for again.</summary>
    private const int MaxRounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>How many entries were removed; null when it is not known what lay there before, and nothing was removed.</returns>
    /// <exception cref="TieringException">Not all could be removed.</exception>
    public async Task<long?> RemoveAsync(CancellationToken cancellation)
    {
        if (!session.Checkpoint.DestinationTouched)
            return 0;
        if (await session.FetchAsync(JobFiles.There, cancellation) is not { } there)
            return null;
        await Reachability.CheckAsync(session.Destination, Patience, cancellation); // a cancellation does not wait for one that is silent
        long removed = 0;
        for (int round = 0; round < MaxRounds; round++)
        {
            long found = await RemoveOnceAsync(there, cancellation);
            removed += found;
            if (found == 0)
                break;
        }
        return removed;
    }

    private async Task<long> RemoveOnceAsync(string there, CancellationToken cancellation)
    {
        string plan = Path.Combine(session.LocalPath, JobFiles.TakenBack);
        ManifestHeader header = new(session.Job.Operation.Project, session.Job.Operation, session.Job.Destination.Kind, clock.GetUtcNow());
        await using (ManifestWriter writer = ManifestWriter.Create(plan, header))
        {
            IAsyncEnumerable<InventoryEntry>[] inventories =
                [Presence.Of(session.List(session.Destination, cancellation), cancellation), ManifestReader.ReadAsync(there, cancellation), session.ReadManifest(cancellation)];
            await foreach (InventoryEntry?[] at in MergedEntries.OfAsync(inventories, cancellation))
            {
                if (at[0] is { } now && at[1] is null && await IsOursAsync(now, at[2], cancellation))
                    await writer.WriteAsync(now, cancellation);
            }
            await writer.CompleteAsync(cancellation); // the list is whole before the first of it is removed
        }
        await session.PublishAsync(JobFiles.TakenBack, cancellation);
        long before = (await ManifestReader.VerifyAsync(plan, cancellation)).Size.Files;
        await DestinationPlan.RemoveAsync(session.Destination, ManifestReader.ReadAsync(plan, cancellation), cancellation);
        return before;
    }

    private async ValueTask<bool> IsOursAsync(InventoryEntry now, InventoryEntry? written, CancellationToken cancellation)
    {
        if (AzCopyLeftovers.IsOf(now, session))
            return true;
        if (written is null || written.Kind != now.Kind)
            return false;
        if (now.Kind != EntryKind.File)
            return now.Kind == EntryKind.Folder || now.Target == written.Target;
        return session.Job.Destination.Kind switch
        {
            LocationKind.Blob => true, // nobody else writes below a project's prefix
            LocationKind.Share => now.Size == written.Size, // full length from the beginning, whatever it holds yet
            _ => now.Size == written.Size && (written.Md5 is null || await Md5OfAsync(now, cancellation) == written.Md5),
        };
    }

    private async ValueTask<string> Md5OfAsync(InventoryEntry file, CancellationToken cancellation)
    {
        await using Stream content = await session.Destination.OpenReadAsync(file, cancellation);
        string md5 = Convert.ToBase64String(await MD5.HashDataAsync(content, cancellation));
        session.Alive();
        return md5;
    }
}
