using System.Collections.Frozen;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Proves that the destination holds exactly the manifest, and that the source did not change meanwhile, by inventories and hashes of
/// our own. AzCopy's word does not enter.
/// </summary>
public sealed class Verification(TransferSession session, Proof proof, long? bytesPerSecond, TimeProvider clock)
{
    private LengthRecheck? recheck;

    private string CopyPath => Path.Combine(session.LocalPath, "copy.jsonl.gz");

    private CopyRules Rules => CopyRules.For(session.Job.Destination.Kind, session.Job.Destination.Kind == LocationKind.Blob ? "Cool" : null);

    /// <returns>What was proved.</returns>
    /// <exception cref="TransferFailedException">There is any difference.</exception>
    public async Task<VerifiedTransfer> RunAsync(CancellationToken cancellation)
    {
        recheck = await session.ReadAsync<LengthRecheck>(JobFiles.Recheck, cancellation);
        try
        {
            return await VerifyAsync(cancellation);
        }
        catch (TransferFailedException failed) when (recheck is not null)
        {
            throw failed.With(recheck.Details());
        }
    }

    private async Task<VerifiedTransfer> VerifyAsync(CancellationToken cancellation)
    {
        await session.EnterAsync(TransferPhase.Proof, cancellation);
        await RestoreFidelityAsync(cancellation);
        ManifestTrailer copy = await TakeCopyAsync(cancellation);
        DataSize copied = await CompareAsync(cancellation);
        (ManifestTrailer manifest, long hashed) = await CompleteManifestAsync(cancellation);

        await session.EnterAsync(TransferPhase.SourceAgain, cancellation);
        await CheckSourceAsync(session, cancellation);
        await session.EnterAsync(TransferPhase.Verification, cancellation);
        await CheckUnchangedAsync(session, "destination-changed", "The destination changed while it was verified", CopyPath, session.Destination, cancellation);
        return new VerifiedTransfer(copied, hashed, recheck?.Files.Count ?? 0, await EvidenceAsync(copy, manifest, cancellation));
    }

    private async Task<TransferEvidence> EvidenceAsync(ManifestTrailer copy, ManifestTrailer manifest, CancellationToken cancellation)
    {
        string source = session.Checkpoint.SourceRoot ?? (await ManifestReader.VerifyAsync(session.SourcePath, cancellation)).Root;
        return new TransferEvidence(
            session.Job.Source.Kind, source, session.Job.Destination.Kind, copy.Root, manifest.Root, manifest.Folders, manifest.Links)
        {
            WitnessRoot = session.Checkpoint.WitnessRoot,
            AzCopyVersion = session.Checkpoint.AzCopyVersion,
        };
    }

    /// <summary>Compares the source with what it was before the copy.</summary>
    /// <exception cref="TransferFailedException">It has changed.</exception>
    public static Task CheckSourceAsync(TransferSession session, CancellationToken cancellation) =>
        CheckUnchangedAsync(session, "source-changed", "The source changed during the transfer", session.SourcePath, session.Source, cancellation);

    private async Task RestoreFidelityAsync(CancellationToken cancellation)
    {
        if (session.Job.Destination.Kind == LocationKind.Folder)
        {
            Directory.CreateDirectory(session.Job.Destination.Address);
            await AzCopyLeftovers.RemoveAsync(session, cancellation);
            await FolderFidelity.ApplyAsync(session.Job.Destination.Address, session.ReadManifest(cancellation), cancellation);
        }
        else
        {
            if (session.Job.Destination.Kind == LocationKind.Share || session.Total is { Files: 0 })
                await session.Destination.CreateRootAsync(cancellation); // a project without files would otherwise not be there at all
            await session.Destination.PutBackAsync(session.ReadManifest(cancellation), cancellation);
        }
        await PutBackRootAsync(cancellation);
    }

    private async Task PutBackRootAsync(CancellationToken cancellation)
    {
        if ((await ManifestReader.ReadHeaderAsync(session.ManifestPath, cancellation)).Root is not { } root)
            return;
        await session.Destination.PutBackRootAsync(root, cancellation);
        Differences differences = new();
        InventoryComparison.CompareRoot(root, await session.Destination.DescribeRootAsync(cancellation), differences);
        if (differences.Any)
            throw TransferFailedException.Of("verification-mismatch", "The project's own folder could not be made what it was", differences);
    }

    private async Task<ManifestTrailer> TakeCopyAsync(CancellationToken cancellation)
    {
        ManifestHeader header = new(session.Job.Operation.Project, session.Job.Operation, session.Job.Destination.Kind, clock.GetUtcNow());
        await using ManifestWriter writer = ManifestWriter.Create(CopyPath, header);
        Differences refused = new();
        await foreach (InventoryEntry entry in Presence.Of(session.List(session.Destination, cancellation), cancellation)) // nothing there is a difference like any other
        {
            if (entry.Kind == EntryKind.Other)
                refused.Add(DifferenceClass.Extra, entry.Path, entry.Refusal ?? "cannot be there");
            else
                await writer.WriteAsync(entry, cancellation);
        }
        if (refused.Any)
            throw TransferFailedException.Of("verification-mismatch", "The destination is not what was to be copied", refused);
        return await writer.CompleteAsync(cancellation);
    }

    private async Task<DataSize> CompareAsync(CancellationToken cancellation)
    {
        Differences differences = new();
        DataSize copied = await InventoryComparison.CompareCopyAsync(
            session.ReadManifest(cancellation),
            ManifestReader.ReadAsync(CopyPath, cancellation),
            Rules,
            differences,
            cancellation);
        return differences.Any
            ? throw TransferFailedException.Of("verification-mismatch", "The destination is not what was to be copied", differences)
            : copied;
    }

    /// <summary>Hashes what the proof asks for, and puts the MD5s that are known into the manifest that is kept.</summary>
    private async Task<(ManifestTrailer Manifest, long FilesHashed)> CompleteManifestAsync(CancellationToken cancellation)
    {
        Differences differences = new();
        ContentProof hashing = new(session.Source, session.Destination, proof, new ContentProofOptions
        {
            BytesPerSecond = bytesPerSecond,
            Always = recheck?.Files.Select(file => file.Path).ToFrozenSet(StringComparer.Ordinal) ?? FrozenSet<string>.Empty,
            Seed = session.Job.Operation.InstanceId,
            Read = session.Read,
            Time = clock,
        });
        ManifestHeader header = await ManifestReader.ReadHeaderAsync(session.ManifestPath, cancellation);
        ManifestTrailer manifest;
        Dictionary<string, InventoryEntry> measured = new(StringComparer.Ordinal);
        await using (ManifestWriter writer = ManifestWriter.Create(session.ManifestPath, header))
        {
            IAsyncEnumerable<InventoryEntry> entries = hashing.RunAsync(
                session.ReadManifest(cancellation), ManifestReader.ReadAsync(CopyPath, cancellation), differences, cancellation);
            await foreach (InventoryEntry entry in entries)
            {
                await writer.WriteAsync(entry, cancellation);
                if (recheck is not null && hashing.IsAlways(entry))
                    measured[entry.Path] = entry;
            }
            if (differences.Any)
                throw TransferFailedException.Of("content-mismatch", "The contents of source and destination are not the same", differences);
            manifest = await writer.CompleteAsync(cancellation);
        }
        await session.PublishAsync(JobFiles.Manifest, cancellation);
        await KeepMeasuredAsync(measured, cancellation);
        return (manifest, hashing.FilesHashed);
    }

    /// <summary>Puts what was measured beside what AzCopy said. A file that AzCopy failed and that was not measured ends the transfer.</summary>
    private async Task KeepMeasuredAsync(Dictionary<string, InventoryEntry> measured, CancellationToken cancellation)
    {
        if (recheck is null)
            return;
        if (recheck.Files.FirstOrDefault(file => !measured.ContainsKey(file.Path)) is { } unknown)
            throw new TransferFailedException("azcopy-failed", $"AzCopy failed {unknown.Path}, which the manifest does not hold.");
        recheck = recheck with
        {
            Files = [.. recheck.Files.Select(file => file with { Bytes = measured[file.Path].Size, Md5 = measured[file.Path].Md5 })],
        };
        await session.WriteAsync(JobFiles.Recheck, recheck, cancellation);
    }

    private static async Task CheckUnchangedAsync(
        TransferSession session, string code, string what, string before, IProjectStore store, CancellationToken cancellation)
    {
        Differences differences = new();
        await InventoryComparison.CompareAgainAsync(
            ManifestReader.ReadAsync(before, cancellation), session.List(store, cancellation), differences, cancellation);
        InventoryComparison.CompareRoot((await ManifestReader.ReadHeaderAsync(before, cancellation)).Root, await store.DescribeRootAsync(cancellation), differences);
        if (differences.Any)
            throw TransferFailedException.Of(code, what, differences);
    }
}

/// <param name="Copied">What the destination holds of the manifest.</param>
/// <param name="FilesHashed">Files whose contents were hashed on both sides.</param>
/// <param name="FilesRechecked">Those of them that AzCopy had called failed for their length.</param>
/// <param name="Evidence">What was proved, for the certificate.</param>
public sealed record VerifiedTransfer(DataSize Copied, long FilesHashed, long FilesRechecked, TransferEvidence Evidence);
