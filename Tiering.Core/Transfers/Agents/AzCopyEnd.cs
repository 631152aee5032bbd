using Tiering.Core.Transfers.AzCopy;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Why an AzCopy does not run any more.</summary>
public enum AzCopyCause
{
    /// <summary>It ended by itself; its summary says how, if it can be believed.</summary>
    Exited,

    /// <summary>A signal that was not ours: by the system for want of memory, or by somebody.</summary>
    Killed,

    /// <summary>It crashed.</summary>
    Crashed,

    /// <summary>It asked a question, and was ended by us.</summary>
    Asked,

    /// <summary>It made no progress for the stall limit, and was ended by us.</summary>
    Stalled,

    /// <summary>Another bound of the bandwidth holds now, and it was ended by us to go on with that.</summary>
    CapChanged,

    /// <summary>It told the id of a job that is not its own, and was ended by us.</summary>
    WrongJob,
}

/// <summary>The end of one AzCopy process.</summary>
/// <param name="Summary">Its own words.</param>
/// <param name="Cause">Why it ended.</param>
/// <param name="Question">What it asked, redacted; null when it asked nothing.</param>
public sealed record AzCopyEnd(AzCopySummary Summary, AzCopyCause Cause, string? Question = null)
{
    /// <summary>What the summary of a process that nobody here ended means.</summary>
    public static AzCopyEnd Of(AzCopySummary summary) => new(summary, summary switch
    {
        { State: AzCopyState.Succeeded } => AzCopyCause.Exited,
        { Panicked: true } => AzCopyCause.Crashed,
        { ExitCode: > 128 } => AzCopyCause.Killed,
        _ => AzCopyCause.Exited,
    });
}
