using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>What the service puts into a job folder before an agent starts.</summary>
/// <param name="Job">What is to be done.</param>
/// <param name="Access">What opens both sides; secret.</param>
/// <param name="Witness">The manifest that the source is proved against; null when there is none.</param>
/// <param name="Known">The manifests that explain what may lie at the destination.</param>
public sealed record JobInputs(TransferJob Job, TransferAccess Access, KeptManifest? Witness, IReadOnlyList<KeptManifest> Known)
{
    /// <summary>What holds for the job from now on, also for an agent that works already; null leaves it to the agent's own settings.</summary>
    public JobLimits? Limits { get; init; }

    /// <summary>The name of a known manifest in the job folder.</summary>
    public static string FileOf(KeptManifest manifest) => $"known-{manifest.Name}.jsonl.gz";
}
