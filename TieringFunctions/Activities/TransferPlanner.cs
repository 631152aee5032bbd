using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Functions.Activities;

/// <summary>Says what an agent needs for one operation: where from and where to, what opens both, and which manifests are believed.</summary>
public sealed class TransferPlanner(
    ICatalogue catalogue, ProjectLocations locations, IAccessIssuer access, IManifestStore manifests, ICertificateStore certificates)
{
    /// <summary>How many of the project's newest operations are asked for AzCopy jobs that may have left half a file.</summary>
    private const int EarlierOperations = 50;

    public async Task<JobInputs> PlanAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        OperationKey key = operation.Key;
        Location source = locations.For(key.Project, key.SourceRole);
        Location destination = locations.For(key.Project, key.DestinationRole);
        await access.EnsureContainerAsync(destination, cancellation);

        KeptManifest? witness = key.Type == OperationType.Restore
            ? await manifests.LatestAsync(key.Project, OperationType.Cool, cancellation)
            : null;
        IReadOnlyList<KeptManifest> known = await manifests.ExplainingAsync(key.Project, cancellation);
        OperationPage earlier = await catalogue.ListOperationsAsync(new OperationQuery(key.Project, Limit: EarlierOperations), cancellation);
        TransferJob job = new(key, source, destination)
        {
            Expected = operation.Expected,
            Proof = operation.RequestedProof is { } proof ? StorageSettings.ParseProof(proof) : null,
            Witnessed = witness is not null,
            CertifiedRoot = witness is null ? null : await CertifiedRootAsync(witness, cancellation),
            KnownManifests = [.. known.Select(JobInputs.FileOf)],
            EarlierAzCopyJobs = [.. earlier.Operations.Where(other => other.Key != key).SelectMany(other => other.AzCopyJobs)],
        };
        return new JobInputs(job, await access.ForTransferAsync(source, destination, cancellation), witness, known);
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
