using Tiering.Core.Catalogue;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Activities;

/// <summary>Says what an agent needs for one operation: where from and where to, what opens both, and which manifests are believed.</summary>
public sealed class TransferPlanner(
    ICatalogue catalogue, ProjectLocations locations, IAccessIssuer access, IManifestStore manifests, ICertificateStore certificates, CostSettings costs, TransferLimits limits)
{
    /// <summary>How many of the project's newest operations are asked for AzCopy jobs that may have left half a file.</summary>
    private const int EarlierOperations = 50;

    /// <summary>What an agent gets. Makes the destination's container when it is missing.</summary>
    public async Task<JobInputs> PlanAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        TransferDescription described = await DescribeAsync(operation, cancellation);
        await access.EnsureContainerAsync(described.Job.Destination, cancellation);
        TransferAccess opened = await access.ForTransferAsync(described.Job.Source, described.Job.Destination, cancellation);
        return new JobInputs(described.Job, opened, described.Witness, described.Known) { Limits = limits.Job };
    }

    /// <summary>The same without anything that opens a store. Changes nothing.</summary>
    public async Task<TransferDescription> DescribeAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        OperationKey key = operation.Key;
        KeptManifest? witness = key.Type == OperationType.Restore
            ? await manifests.LatestAsync(key.Project, OperationType.Cool, cancellation)
            : null;
        IReadOnlyList<KeptManifest> known = await manifests.ExplainingAsync(key.Project, cancellation);
        OperationPage earlier = await catalogue.ListOperationsAsync(new OperationQuery(key.Project, Limit: EarlierOperations), cancellation);
        TransferJob job = new(key, locations.For(key.Project, key.SourceRole), locations.For(key.Project, key.DestinationRole))
        {
            Expected = operation.Expected,
            Proof = operation.RequestedProof is { } proof ? StorageSettings.ParseProof(proof) : null,
            CostVeto = costs.VetoOf(operation) is { } veto ? veto with { CooledAt = await FindLastCoolAsync(key.Project, cancellation) } : null,
            TakeOver = operation.TakeOver,
            Witnessed = witness is not null,
            CertifiedRoot = witness is null ? null : await CertifiedRootAsync(witness, cancellation),
            KnownManifests = [.. known.Select(JobInputs.FileOf)],
            EarlierAzCopyJobs = [.. earlier.Operations.Where(other => other.Key != key).SelectMany(other => other.AzCopyJobs)],
        };
        return new TransferDescription(job, witness, known);
    }

    /// <summary>When the project's last COOL that succeeded ended; null when none has.</summary>
    public async Task<DateTimeOffset?> FindLastCoolAsync(ProjectSlug project, CancellationToken cancellation)
    {
        OperationPage succeeded = await catalogue.ListOperationsAsync(new OperationQuery(project, OperationStatus.Succeeded), cancellation);
        return succeeded.Operations.FirstOrDefault(operation => operation.Key.Type == OperationType.Cool)?.FinishedAt;
    }

    /// <summary>The root that the certificate of a COOL names. Null for a COOL from before there were certificates, and for a baseline.</summary>
    /// <exception cref="CertificateRefusedException">The certificate was altered, or is another operation's.</exception>
    private async Task<string?> CertifiedRootAsync(KeptManifest witness, CancellationToken cancellation)
    {
        if (witness.OperationId is not { } id)
            return null;
        OperationKey cool = new(witness.Project, witness.Type, id);
        if (await certificates.FindAsync(cool, cancellation) is not { } file)
            return null;
        CustodyCertificate certificate = CertificateFile.Verify(file);
        return certificate.Operation == cool
            ? certificate.Manifest.Root
            : throw new CertificateRefusedException($"it is kept for the operation {id:D}, and is another's");
    }
}

/// <param name="Job">What is to be done.</param>
/// <param name="Witness">The manifest that the source is proved against; null when there is none.</param>
/// <param name="Known">The manifests that explain what may lie at the destination.</param>
public sealed record TransferDescription(TransferJob Job, KeptManifest? Witness, IReadOnlyList<KeptManifest> Known);
