using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Custody;

/// <summary>
/// What a custody certificate says: who had a project moved, when, what moved, and what was proved about it. It names no server path and
/// holds no secret. The fields are described in docs/certificates.md.
/// </summary>
/// <param name="Operation">The operation that succeeded.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="AcceptedAt">When it was recorded.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When the proof was complete.</param>
/// <param name="Source">What was copied from, as its inventory before the copy found it.</param>
/// <param name="Destination">What was copied to, as its verified inventory after the copy found it.</param>
/// <param name="Moved">What moved.</param>
/// <param name="Manifest">The manifest that is kept of it.</param>
/// <param name="Proof">How contents were compared.</param>
/// <param name="SignedBy">Who vouches for all this.</param>
public sealed record CustodyCertificate(
    OperationKey Operation,
    string RequestedBy,
    DateTimeOffset AcceptedAt,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    CertifiedSide Source,
    CertifiedSide Destination,
    CertifiedAmount Moved,
    CertifiedManifest Manifest,
    CertifiedProof Proof,
    CertificateKey SignedBy)
{
    /// <summary>What this program writes; it reads no other.</summary>
    public const string CurrentFormat = "tiering-custody-certificate/1";

    /// <summary>The one verdict that is certified.</summary>
    public const string Proved = "PROVED";

    public string Format { get; init; } = CurrentFormat;

    public string Verdict { get; init; } = Proved;

    /// <summary>What a RESTORE was proved against; null for a COOL, which is the origin, and for an unwitnessed RESTORE.</summary>
    public CertifiedWitness? Witness { get; init; }

    /// <summary>True for a RESTORE of data whose COOL left no manifest: it was proved against an inventory taken when it began.</summary>
    public bool Unwitnessed { get; init; }

    /// <summary>The version of the AzCopy that copied; null when there was no file to copy.</summary>
    public string? AzCopyVersion { get; init; }

    /// <summary>AzCopy's jobs, oldest first.</summary>
    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];

    /// <summary>Files, folders and links that earlier operations had left at the destination, and that were removed before the copy.</summary>
    public long Removed { get; init; }
}

/// <param name="Role">HOT or COOL.</param>
/// <param name="Kind">What kind of store it is.</param>
/// <param name="Root">The root (SHA-256) of its inventory.</param>
public sealed record CertifiedSide(StorageRole Role, LocationKind Kind, string Root);

/// <param name="Files">Files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Folders">Folders.</param>
/// <param name="Links">Links.</param>
public sealed record CertifiedAmount(long Files, long Bytes, long Folders, long Links);

/// <param name="Name">Its name in the store of manifests.</param>
/// <param name="Root">Its root (SHA-256), which anybody who has the manifest can compute again.</param>
public sealed record CertifiedManifest(string Name, string Root);

/// <param name="Mode"><c>sizes</c>, <c>sample:N%</c> or <c>full</c>.</param>
/// <param name="FilesHashed">Files whose contents were read and hashed on both sides.</param>
public sealed record CertifiedProof(string Mode, long FilesHashed)
{
    /// <summary>
    /// Files that AzCopy called failed for their length, and whose contents were then read and found the same on both sides. They are among
    /// <see cref="FilesHashed"/>.
    /// </summary>
    public long FilesRechecked { get; init; }
}

/// <param name="Root">The root (SHA-256) of the manifest that what came back was compared with.</param>
public sealed record CertifiedWitness(string Root)
{
    /// <summary>The COOL that made that manifest; null for a baseline that was taken by adoption.</summary>
    public Guid? Operation { get; init; }

    /// <summary>SHA-256, in lower-case hexadecimal, of the certificate of that COOL; null when it has none.</summary>
    public string? Certificate { get; init; }
}
