using System.Runtime.CompilerServices;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Makes the destination ready: what earlier manifests explain and does not come again is removed, and recorded; what nobody explains
/// ends the transfer before a byte moves.
/// </summary>
public sealed class DestinationClearing(TransferSession session, AzCopyDownloads downloads, TimeProvider clock)
{
    private readonly List<InventoryEntry> leftovers = [];

    /// <exception cref="TransferFailedException">Something unknown lies there, or there is no room.</exception>
    public async Task RunAsync(DataSize size, CancellationToken cancellation)
    {
        if (session.Checkpoint.DestinationCleared)
            return;
        await session.EnterAsync(TransferPhase.DestinationInventory, cancellation);
        string removal = Path.Combine(session.LocalPath, JobFiles.Removed);
        if (!session.Checkpoint.DestinationTouched)
            await PlanAsync(removal, size, cancellation);
        else if (await session.FetchAsync(JobFiles.Removed, cancellation) is null)
            throw new TransferFailedException("manifest-missing", "The job folder has lost what was to be removed from the destination.");

        // From here on an interrupted attempt leaves a destination that is half changed: the plan on disk is carried out to its end.
        await session.SaveAsync(session.Checkpoint with { DestinationTouched = true }, cancellation);
        if (session.Job.Destination.Kind == LocationKind.Folder)
            await FolderFidelity.LoosenAsync(session.Job.Destination.Address, cancellation);
        else if (session.Job.Destination.Kind == LocationKind.Share)
            await LoosenShareAsync(cancellation);
        await session.Destination.DeleteAsync(leftovers, cancellation);
        await DestinationPlan.RemoveAsync(session.Destination, ManifestReader.ReadAsync(removal, cancellation), cancellation);
        ManifestTrailer removed = await ManifestReader.VerifyAsync(removal, cancellation);
        await session.SaveAsync(
            session.Checkpoint with { DestinationCleared = true, Removed = removed.Size.Files + removed.Folders + removed.Links },
            cancellation);
    }

    /// <summary>A share lets nobody replace a file that is read-only; the attribute comes back with the others, from the manifest.</summary>
    private async Task LoosenShareAsync(CancellationToken cancellation)
    {
        List<InventoryEntry> writable = [];
        await foreach (InventoryEntry entry in Presence.Of(session.List(session.Destination, cancellation), cancellation))
        {
            if (SmbAttributes.AreReadOnly(entry.Attributes))
                writable.Add(entry with { Attributes = SmbAttributes.WithoutReadOnly(entry.Attributes!) });
        }
        if (writable.Count > 0)
            await session.Destination.PutBackAsync(writable.ToAsyncEnumerable(), cancellation);
    }

    private async Task PlanAsync(string removal, DataSize size, CancellationToken cancellation)
    {
        List<IAsyncEnumerable<InventoryEntry>> known = [];
        foreach (string name in session.Job.KnownManifests)
        {
            string path = await session.FetchAsync(name, cancellation)
                ?? throw new TransferFailedException("manifest-missing", $"The job folder has lost {name}.");
            await ManifestReader.VerifyAsync(path, cancellation); // nothing is removed on the word of a damaged manifest
            known.Add(ManifestReader.ReadAsync(path, cancellation));
        }
        Differences unknown = new();
        ManifestHeader header = new(session.Job.Operation.Project, session.Job.Operation, session.Job.Destination.Kind, clock.GetUtcNow());
        await using ManifestWriter writer = ManifestWriter.Create(removal, header);
        await using ManifestWriter there = ManifestWriter.Create(Path.Combine(session.LocalPath, JobFiles.There), header);
        IAsyncEnumerable<InventoryEntry> removals = DestinationPlan.ToRemoveAsync(
            ListAsync(there, cancellation),
            session.ReadManifest(cancellation),
            ClaimsOf(known, cancellation),
            unknown,
            cancellation);
        await foreach (InventoryEntry entry in removals)
            await writer.WriteAsync(entry, cancellation);
        if (unknown.Any)
            throw NotExplained(session.Job.Operation, unknown);
        await there.CompleteAsync(cancellation);
        await CheckRoomAsync(size, cancellation);
        await session.PublishAsync(JobFiles.There, cancellation);
        await writer.CompleteAsync(cancellation);
        await session.PublishAsync(JobFiles.Removed, cancellation);
    }

    /// <summary>
    /// What holds the same as what comes is written anew, and nothing is lost: what an earlier COOL left of which the catalogue has forgotten, because it was
    /// restored from a back-up; what a RESTORE that failed has brought already, of data whose manifest knows no MD5.
    /// </summary>
    private DestinationClaims ClaimsOf(IReadOnlyList<IAsyncEnumerable<InventoryEntry>> known, CancellationToken cancellation) =>
        new(known, (there, then) => DestinationPlan.IsSameAsync(session.Destination, there, then, cancellation))
        {
            IsWhatComes = (there, coming) =>
            {
                session.Alive();
                return DestinationPlan.HoldsSameAsync(session.Destination, there, session.Source, coming with { ETag = null }, cancellation);
            },
            TakeOver = session.Job.TakeOver,
        };

    /// <summary>The refusal, with what is to be done about it.</summary>
    public static TransferFailedException NotExplained(OperationKey operation, Differences unknown)
    {
        string way = operation.Type == OperationType.Cool
            ? $" Nothing was written. Look at it; then 'tiering operation retry {operation.Id:D} --take-over' overwrites and removes it, or remove it there yourself and retry without"
            : " Nothing was written. Take it away from HOT, to keep it, and retry";
        return TransferFailedException.Of("destination-not-explained", "The destination holds what no manifest of this project explains", unknown, way);
    }

    /// <summary>What lies at the destination, less what an AzCopy of ours was still downloading when it was ended.</summary>
    private async IAsyncEnumerable<InventoryEntry> ListAsync(ManifestWriter there, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (InventoryEntry entry in Presence.Of(session.List(session.Destination, cancellation), cancellation))
        {
            if (AzCopyLeftovers.IsOf(entry, session))
            {
                leftovers.Add(entry);
                continue;
            }
            if (entry.Kind != EntryKind.Other) // what cannot be moved ends the transfer
                await there.WriteAsync(entry, cancellation);
            yield return entry;
        }
    }

    private async Task CheckRoomAsync(DataSize size, CancellationToken cancellation)
    {
        OperationError? found = await new DestinationRoom(session.Job.Destination, downloads).FindLackAsync(
            size.Bytes,
            session.ReadManifest(cancellation),
            ManifestReader.ReadAsync(Path.Combine(session.LocalPath, JobFiles.There), cancellation),
            leftovers.Sum(leftover => leftover.Size),
            cancellation);
        if (found is { } lack)
            throw new TransferFailedException(lack.Code, lack.Message);
    }
}
