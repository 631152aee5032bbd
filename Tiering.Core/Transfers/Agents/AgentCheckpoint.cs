using System.Text.Json.Serialization;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// What an agent has done for good (<c>checkpoint.json</c>), so that the next attempt goes on from there. Written after a step is on
/// disk, and before the first step that cannot be taken back.
/// </summary>
public sealed record AgentCheckpoint
{
    public const string FileName = "checkpoint.json";

    /// <summary>The manifest is complete: it is what this operation moves, whatever happens to the source.</summary>
    public bool SourceInventoried { get; init; }

    /// <summary>The root of the source's inventory; null in a checkpoint from before it was kept.</summary>
    public string? SourceRoot { get; init; }

    /// <summary>The root of the manifest that the source was compared with; null when there was none.</summary>
    public string? WitnessRoot { get; init; }

    /// <summary>The destination may have been changed: from here on what lies there may be half of ours.</summary>
    public bool DestinationTouched { get; init; }

    /// <summary>What lay at the destination was found to be ours, and what does not come again was removed.</summary>
    public bool DestinationCleared { get; init; }

    /// <summary>AzCopy has come to an end that leaves nothing to copy.</summary>
    public bool Copied { get; init; }

    /// <summary>Entries removed from the destination before the copy.</summary>
    public long Removed { get; init; }

    /// <summary>The version of the AzCopy that was started last.</summary>
    public string? AzCopyVersion { get; init; }

    /// <summary>How many files an AzCopy job has at most, set when the copy was split into parts; null when it was not. Manifest and limit give the parts.</summary>
    public long? FilesPerJob { get; init; }

    /// <summary>How many of the parts are copied, in order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int PartsDone { get; init; }

    /// <summary>How many of <see cref="AzCopyJobs"/> nobody goes on with: those of these parts, and those that ended before they were recorded. The others are the present part's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int JobsOfPartsDone { get; init; }

    /// <summary>What the last AzCopy job copies, when it leaves out what is whole at the destination already; null for all of the present part.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataSize? Rest { get; init; }

    /// <summary>In pieces of how many MiB the last AzCopy job copies; null for AzCopy's own choice.</summary>
    public double? BlockMiB { get; init; }

    /// <summary>Every AzCopy job that was started, oldest first. The last one is the one to go on with.</summary>
    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];

    /// <summary>Takes in jobs that were started, and ended before they could be recorded.</summary>
    public AgentCheckpoint WithEnded(IEnumerable<string> jobs)
    {
        List<string> unknown = [.. jobs.Except(AzCopyJobs, StringComparer.OrdinalIgnoreCase)];
        return unknown.Count == 0
            ? this
            : this with
            {
                AzCopyJobs = [.. AzCopyJobs.Take(JobsOfPartsDone), .. unknown, .. AzCopyJobs.Skip(JobsOfPartsDone)],
                JobsOfPartsDone = JobsOfPartsDone + unknown.Count,
            };
    }
}
