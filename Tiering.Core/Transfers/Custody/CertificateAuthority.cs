using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Custody;

/// <summary>Makes and keeps the certificate of an operation that is about to succeed.</summary>
public sealed class CertificateAuthority(ICertificateSigner signer, ICertificateStore certificates, IManifestStore manifests)
{
    /// <summary>Certifies an operation once; a repeat changes nothing. A verdict without evidence, from an older agent, is not certified.</summary>
    /// <param name="operation">As it is recorded.</param>
    /// <param name="verdict">Its verdict, without error.</param>
    /// <param name="manifest">Its manifest, as it is kept.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task CertifyAsync(LifecycleOperation operation, TransferVerdict verdict, KeptManifest manifest, CancellationToken cancellation)
    {
        if (verdict is not { Evidence: { } evidence, Copied: { } copied, Proof: { } proof })
            return;
        if (await certificates.FindAsync(operation.Key, cancellation) is not null)
            return; // a signature is different each time: the first one stays
        OperationKey key = operation.Key;
        CustodyCertificate certificate = new(
            key,
            operation.RequestedBy,
            operation.AcceptedAt,
            operation.StartedAt ?? operation.AcceptedAt,
            verdict.FinishedAt,
            new CertifiedSide(key.SourceRole, evidence.SourceKind, evidence.SourceRoot),
            new CertifiedSide(key.DestinationRole, evidence.DestinationKind, evidence.DestinationRoot),
            new CertifiedAmount(copied.Files, copied.Bytes, evidence.Folders, evidence.Links),
            new CertifiedManifest(manifest.Name, evidence.ManifestRoot),
            new CertifiedProof(proof.ToString(), verdict.FilesHashed) { FilesRechecked = verdict.FilesRechecked },
            signer.Key)
        {
            Witness = evidence.WitnessRoot is { } root ? await WitnessAsync(key.Project, root, cancellation) : null,
            Unwitnessed = verdict.Unwitnessed,
            AzCopyVersion = evidence.AzCopyVersion,
            AzCopyJobs = verdict.AzCopyJobs,
            Removed = verdict.Removed,
        };
        await certificates.KeepAsync(manifest, await CertificateFile.SignAsync(certificate, signer, cancellation), cancellation);
    }

    /// <summary>Names the COOL whose manifest the source was compared with. It still is the newest: its project is held by this operation.</summary>
    private async Task<CertifiedWitness> WitnessAsync(ProjectSlug project, string root, CancellationToken cancellation)
    {
        CertifiedWitness witness = new(root);
        if (await manifests.LatestAsync(project, OperationType.Cool, cancellation) is not { OperationId: { } id })
            return witness;
        byte[]? file = await certificates.FindAsync(new OperationKey(project, OperationType.Cool, id), cancellation);
        return witness with { Operation = id, Certificate = file is null ? null : CertificateFile.HashOf(file) };
    }
}
