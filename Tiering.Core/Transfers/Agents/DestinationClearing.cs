using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Makes the destination ready: what earlier manifests explain and does not come again is removed, and recorded; what nobody explains
/// ends the transfer before a byte moves.
/// </summary>
public sealed class DestinationClearing(TransferSession session, TimeProvider clock)
{
    private readonly List<InventoryEntry> leftovers = [];
    private long bytesThere;

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
        await foreach (InventoryEntry entry in ListThereAsync(cancellation))
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
            known,
            (there, then) => IsSameAsync(there, then, cancellation),
            unknown,
            cancellation);
        await foreach (InventoryEntry entry in removals)
            await writer.WriteAsync(entry, cancellation);
        if (unknown.Any)
            throw TransferFailedException.Of("destination-not-explained", "The destination holds what no manifest of this project explains", unknown);
        CheckRoom(size.Bytes - bytesThere); // what lies there is replaced file by file
        await there.CompleteAsync(cancellation);
        await session.PublishAsync(JobFiles.There, cancellation);
        await writer.CompleteAsync(cancellation);
        await session.PublishAsync(JobFiles.Removed, cancellation);
    }

    /// <summary>What lies at the destination, less what an AzCopy of ours was still downloading when it was ended.</summary>
    private async IAsyncEnumerable<InventoryEntry> ListAsync(ManifestWriter there, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (InventoryEntry entry in ListThereAsync(cancellation))
        {
            bytesThere += entry.Size;
            if (AzCopyLeftovers.IsOf(entry, session.Job.EarlierAzCopyJobs))
            {
                leftovers.Add(entry);
                continue;
            }
            if (entry.Kind != EntryKind.Other) // what cannot be moved ends the transfer
                await there.WriteAsync(entry, cancellation);
            yield return entry;
        }
    }

    /// <summary>What lies at the destination; nothing when there is no project yet, which is what most transfers find.</summary>
    private IAsyncEnumerable<InventoryEntry> ListThereAsync(CancellationToken cancellation) =>
        Presence.Of(session.List(session.Destination, cancellation), cancellation);

    /// <summary>
    /// Whether a file of the destination still is what a manifest says. In a folder a time that differs proves nothing: an operation that
    /// was cut off leaves right files with the time of their download; then the content decides.
    /// </summary>
    private async ValueTask<bool> IsSameAsync(InventoryEntry there, InventoryEntry then, CancellationToken cancellation)
    {
        if (there.Md5 is not null && then.Md5 is not null)
            return there.Md5 == then.Md5;
        if (session.Job.Destination.Kind != LocationKind.Folder)
            return true;
        if (there.Modified == then.Modified && there.ModifiedNanoseconds == then.ModifiedNanoseconds)
            return true;
        if (then.Md5 is null)
            return false;
        await using Stream content = await session.Destination.OpenReadAsync(there, cancellation);
        return Convert.ToBase64String(await MD5.HashDataAsync(content, cancellation)) == then.Md5;
    }

    private void CheckRoom(long needed)
    {
        if (session.Job.Destination.Kind != LocationKind.Folder)
            return;
        string? existing = session.Job.Destination.Address;
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        long free = existing is null ? long.MaxValue : new DriveInfo(existing).AvailableFreeSpace;
        if (free < needed)
        {
            throw new TransferFailedException(
                "disk-full",
                string.Create(CultureInfo.InvariantCulture, $"The destination has room for {free} bytes; {needed} are needed."));
        }
    }
}
