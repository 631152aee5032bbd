using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Takes the inventory of the source, once for all attempts, and makes the manifest of what is to be moved from it.</summary>
public sealed class SourceInventory(TransferSession session, TimeProvider clock)
{
    /// <returns>What is to be moved.</returns>
    /// <exception cref="TransferFailedException">The source holds what the destination cannot hold, or not what it should.</exception>
    public async Task<DataSize> RunAsync(CancellationToken cancellation)
    {
        if (session.Checkpoint.SourceInventoried)
            return (await ManifestReader.VerifyAsync(session.ManifestPath, cancellation)).Size;

        await session.EnterAsync(TransferPhase.SourceInventory, cancellation);
        ManifestHeader header = new(session.Job.Operation.Project, session.Job.Operation, session.Job.Source.Kind, clock.GetUtcNow())
        {
            Root = await session.Source.DescribeRootAsync(cancellation),
        };
        ManifestTrailer inventory = await TakeAsync(header, cancellation);
        DataSize found = inventory.Size;
        if (session.Job.Expected is { } expected && expected != found)
            throw new TransferFailedException("expectation-mismatch", $"The source holds {found}; the request expected {expected}.");
        string? witness = null;
        ManifestTrailer manifest = inventory;
        if (session.Job.Witnessed)
            (manifest, witness) = await TakeWitnessAsync(header, cancellation);
        else
            CopySource();

        await session.PublishAsync(JobFiles.Source, cancellation);
        await session.PublishAsync(JobFiles.Manifest, cancellation);
        await session.SaveAsync(session.Checkpoint with
        {
            SourceInventoried = true,
            SourceRoot = inventory.Root,
            WitnessRoot = witness,
        }, cancellation);
        return manifest.Size;
    }

    /// <summary>Lists the source into its inventory file, and refuses, all at once, what the destination could not hold.</summary>
    private async Task<ManifestTrailer> TakeAsync(ManifestHeader header, CancellationToken cancellation)
    {
        NameRules rules = new(session.Job.Destination, session.Job.Source.Kind);
        Differences refused = new();
        await using ManifestWriter writer = ManifestWriter.Create(session.SourcePath, header);
        await foreach (InventoryEntry entry in session.List(session.Source, cancellation))
        {
            if (rules.Check(entry, refused))
                await writer.WriteAsync(entry, cancellation);
        }
        return refused.Any
            ? throw TransferFailedException.Of("not-representable", "The source holds what the destination cannot hold", refused)
            : await writer.CompleteAsync(cancellation);
    }

    /// <summary>What comes back must be what left: the source is compared with the manifest of the operation that made it.</summary>
    private async Task<(ManifestTrailer Manifest, string Witness)> TakeWitnessAsync(ManifestHeader header, CancellationToken cancellation)
    {
        string witness = await session.FetchAsync(JobFiles.Witness, cancellation)
            ?? throw new TransferFailedException("witness-missing", "The job folder has lost the manifest that the source is proved against.");
        Differences differences = new();
        await InventoryComparison.CompareCopyAsync(
            ManifestReader.ReadAsync(witness, cancellation),
            ManifestReader.ReadAsync(session.SourcePath, cancellation),
            CopyRules.For(session.Job.Source.Kind),
            differences,
            cancellation);
        if (differences.Any)
            throw TransferFailedException.Of("source-differs", "The source is not what its manifest says", differences);

        ManifestHeader origin = await ManifestReader.ReadHeaderAsync(witness, cancellation);
        await using ManifestWriter writer = ManifestWriter.Create(session.ManifestPath, header with { Kind = origin.Kind, Root = origin.Root });
        await foreach (InventoryEntry entry in ManifestReader.ReadAsync(witness, cancellation))
            await writer.WriteAsync(entry, cancellation);
        ManifestTrailer manifest = await writer.CompleteAsync(cancellation);
        // The entries are the witness's, and so is the root, unless an older format leaves the folder out of it.
        string root = origin.Version == header.Version ? manifest.Root : (await ManifestReader.VerifyAsync(witness, cancellation)).Root;
        return session.Job.CertifiedRoot is not { } certified || certified == root
            ? (manifest, root)
            : throw new TransferFailedException("witness-contradicted", $"The manifest of the COOL has the root {root}; its certificate names {certified}.");
    }

    private void CopySource()
    {
        string copy = session.ManifestPath + ".tmp";
        File.Copy(session.SourcePath, copy, overwrite: true);
        using (FileStream file = new(copy, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        File.Move(copy, session.ManifestPath, overwrite: true);
        AtomicFile.SyncFolder(session.LocalPath);
    }
}
