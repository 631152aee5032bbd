namespace Tiering.Core.Transfers.AzCopy;

/// <summary>What <c>jobs show</c> says of a job whose process is gone.</summary>
public enum AzCopyPlanState
{
    /// <summary>The job came to an end with nothing failed. It must not be resumed: that never ends.</summary>
    Completed,

    /// <summary>It ended with failures, or was cancelled: a resume tries what is missing again.</summary>
    Ended,

    /// <summary>It says that it runs; its process was ended from outside.</summary>
    Interrupted,

    /// <summary>All its transfers came to an end and none failed, but not the job. It must not be resumed: with nothing left to schedule, that never ends.</summary>
    AllDone,

    /// <summary>There is no plan, or an empty one.</summary>
    NoPlan,

    /// <summary>AzCopy crashes on it.</summary>
    Corrupt,

    /// <summary>No answer, or one that makes no sense.</summary>
    Unknown,
}

/// <summary>What to do about a job that an earlier attempt has started.</summary>
public enum AzCopyNextStep { TakeSummary, Resume, StartAnew }

/// <summary>The decision about plans, without any effect.</summary>
public static class AzCopyPlans
{
    /// <summary>What an answer of <c>jobs show</c> means.</summary>
    /// <param name="report">What was printed.</param>
    /// <param name="exitCode">Null when it gave no answer in time.</param>
    public static AzCopyPlanState StateOf(AzCopyReport report, int? exitCode)
    {
        if (report.Panicked || exitCode == 2)
            return AzCopyPlanState.Corrupt;
        if (report.SaysNoJob)
            return AzCopyPlanState.NoPlan;
        if (exitCode is null || report.RawStatus is null)
            return AzCopyPlanState.Unknown;
        return AzCopyReport.StateOf(report.RawStatus, report.Counts) switch
        {
            AzCopyState.Succeeded => AzCopyPlanState.Completed,
            AzCopyState.Failed or AzCopyState.Canceled or AzCopyState.Running when report.Counts is { Failed: 0, AreAllEnded: true } => AzCopyPlanState.AllDone,
            AzCopyState.Failed or AzCopyState.Canceled => AzCopyPlanState.Ended,
            AzCopyState.Running => AzCopyPlanState.Interrupted,
            _ => AzCopyPlanState.Unknown,
        };
    }

    /// <summary>What to do next. Starting anew is always right, only slower.</summary>
    /// <param name="plan">What AzCopy says of the job.</param>
    /// <param name="originalLives">Whether its process still runs. It must be ended first: two would write.</param>
    /// <exception cref="InvalidOperationException">The original lives.</exception>
    public static AzCopyNextStep Decide(AzCopyPlanState plan, bool originalLives) => plan switch
    {
        _ when originalLives => throw new InvalidOperationException("The AzCopy that runs this job must be ended before anything else is done about it."),
        AzCopyPlanState.Completed => AzCopyNextStep.TakeSummary,
        AzCopyPlanState.Ended or AzCopyPlanState.Interrupted => AzCopyNextStep.Resume,
        _ => AzCopyNextStep.StartAnew,
    };
}
