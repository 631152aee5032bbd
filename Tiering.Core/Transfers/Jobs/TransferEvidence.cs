using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>The facts of a proof that held, for the certificate. Roots are SHA-256, in lower-case hexadecimal.</summary>
/// <param name="SourceKind">The kind of store that was copied from.</param>
/// <param name="SourceRoot">The root of its inventory before the copy, which its inventory after the copy agreed with.</param>
/// <param name="DestinationKind">The kind of store that was copied to.</param>
/// <param name="DestinationRoot">The root of its inventory after the copy, which a second one agreed with.</param>
/// <param name="ManifestRoot">The root of the manifest that is kept.</param>
/// <param name="Folders">Folders of the manifest.</param>
/// <param name="Links">Links of the manifest.</param>
public sealed record TransferEvidence(
    LocationKind SourceKind, string SourceRoot, LocationKind DestinationKind, string DestinationRoot, string ManifestRoot, long Folders, long Links)
{
    /// <summary>The root of the manifest that the source was compared with; null without a witness.</summary>
    public string? WitnessRoot { get; init; }

    /// <summary>The AzCopy that copied; null when there was nothing to copy.</summary>
    public string? AzCopyVersion { get; init; }
}
