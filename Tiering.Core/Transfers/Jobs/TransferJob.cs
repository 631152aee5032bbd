using System.Text.Json.Serialization;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>What an agent is asked to do for one operation (<c>job.json</c>). It names places and never holds a secret.</summary>
/// <param name="Operation">The operation that the job belongs to.</param>
/// <param name="Source">What is copied.</param>
/// <param name="Destination">Where to; after a verified job it holds exactly the source.</param>
public sealed record TransferJob(OperationKey Operation, Location Source, Location Destination)
{
    /// <summary>How the contents are compared; null for what the settings say of a project of its size.</summary>
    public Proof? Proof { get; init; }

    /// <summary>What the caller says the source holds; null when the caller says nothing. The inventory must agree.</summary>
    public DataSize? Expected { get; init; }

    /// <summary>
    /// Whether <see cref="JobFiles.Witness"/> holds the manifest of the operation that made the source. A RESTORE without one is
    /// proved against an inventory of the source taken now, and is marked unwitnessed.
    /// </summary>
    public bool Witnessed { get; init; }

    /// <summary>The root of the witness, as the certificate of its COOL names it; null when there is no certificate. Another witness is refused.</summary>
    public string? CertifiedRoot { get; init; }

    /// <summary>A COOL that is not worth its cost ends before a byte moves; null when cost does not matter.</summary>
    public CostVeto? CostVeto { get; init; }

    /// <summary>Names of the manifests in the job folder that explain what may lie at the destination already.</summary>
    public IReadOnlyList<string> KnownManifests { get; init; } = [];

    /// <summary>Whether what lies at the destination and no manifest explains is overwritten and removed; it is recorded in either case.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TakeOver { get; init; }

    /// <summary>AzCopy job ids of earlier operations on this project: what they left half written at the destination is ours.</summary>
    public IReadOnlyList<string> EarlierAzCopyJobs { get; init; } = [];
}

/// <summary>How contents are compared once paths and sizes agree.</summary>
public enum ProofMode { Sizes, Sample, Full }

/// <param name="Mode">Sizes reads no content, sample hashes a part of the files, full all of them, on both sides.</param>
/// <param name="SamplePercent">1 to 100; only for <see cref="ProofMode.Sample"/>.</param>
public sealed record Proof(ProofMode Mode, int SamplePercent = 100)
{
    /// <summary>How many bytes it reads on either side, of so much; for a sample about.</summary>
    public long BytesOf(DataSize size) => Mode switch
    {
        ProofMode.Full => size.Bytes,
        ProofMode.Sample => (long)(size.Bytes / 100m * SamplePercent),
        _ => 0,
    };

    /// <summary>As the setting <c>TIERING_PROOF</c> spells it: <c>sizes</c>, <c>sample:10%</c>, <c>full</c>.</summary>
    public override string ToString() => Mode == ProofMode.Sample ? $"sample:{SamplePercent}%" : Mode.ToString().ToLowerInvariant();
}
