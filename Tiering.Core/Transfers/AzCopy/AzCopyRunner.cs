using System.Collections.Concurrent;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>An AzCopy job that was started: what a caller may keep and show. Holds no secret.</summary>
/// <param name="JobId">AzCopy's id of the job.</param>
/// <param name="StartedAt">When this process of it was started.</param>
/// <param name="CommandLine">As it was started, without secrets.</param>
/// <param name="Environment">What we set in its environment, without secrets.</param>
/// <param name="LogFolder">AzCopy's logs, and what it printed.</param>
/// <param name="Process">The process that runs it.</param>
public sealed record AzCopyJob(
    string JobId,
    DateTimeOffset StartedAt,
    string CommandLine,
    IReadOnlyDictionary<string, string> Environment,
    string LogFolder,
    ProcessIdentity Process);

/// <summary>
/// Runs the AzCopy jobs of one transfer job, and tells of them: from their living process where it is ours, else from their plans.
/// Members are safe for concurrent use. Disposing ends what runs.
/// </summary>
public sealed class AzCopyRunner(AzCopyWorkspace workspace, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, AzCopyProcess> processes = new(StringComparer.OrdinalIgnoreCase);

    public AzCopyWorkspace Workspace => workspace;

    /// <summary>Starts a copy and returns once AzCopy has told the job's id, long before it ends.</summary>
    /// <exception cref="AzCopyInvalidException">AzCopy cannot do what is asked.</exception>
    /// <exception cref="AzCopyTooOldException">This AzCopy lacks a flag.</exception>
    /// <exception cref="AzCopyNotInstalledException">There is no AzCopy to start.</exception>
    /// <exception cref="AzCopyStartFailedException">It ended before it told an id.</exception>
    /// <exception cref="AzCopyJobIdNotFoundException">It told none; it has been ended.</exception>
    public Task<AzCopyJob> StartCopyAsync(
        AzCopyEndpoint source, AzCopyEndpoint destination, AzCopyCopyOptions? options = null, CancellationToken cancellation = default) =>
        StartAsync(AzCopyCommand.Copy(source, destination, options ?? new AzCopyCopyOptions(), workspace.Options), cancellation);

    /// <inheritdoc cref="StartCopyAsync"/>
    public Task<AzCopyJob> StartAsync(AzCopyCommand copy, CancellationToken cancellation = default) => StartAsync(copy, expectedId: null, cancellation);

    /// <summary>Goes on with a job. The caller has made sure that no process runs it, by <see cref="AzCopyOrphans"/>, and that it has not completed, by <see cref="ShowAsync"/>.</summary>
    /// <exception cref="AzCopyJobNotFoundException">AzCopy has no usable plan of the job: start anew.</exception>
    /// <exception cref="InvalidOperationException">It runs here.</exception>
    public Task<AzCopyJob> ResumeAsync(string jobId, AzCopyEndpoint source, AzCopyEndpoint destination, CancellationToken cancellation = default) =>
        ResumeAsync(jobId, source, destination, capMbps: null, cancellation);

    /// <inheritdoc cref="ResumeAsync(string, AzCopyEndpoint, AzCopyEndpoint, CancellationToken)"/>
    public Task<AzCopyJob> ResumeAsync(string jobId, AzCopyEndpoint source, AzCopyEndpoint destination, double? capMbps, CancellationToken cancellation)
    {
        if (processes.TryGetValue(jobId, out AzCopyProcess? original) && !original.Completion.IsCompleted)
            throw new InvalidOperationException($"AzCopy job {jobId} runs; it must be ended before it is resumed.");
        return StartAsync(AzCopyCommand.Resume(jobId, source, destination, capMbps), jobId, cancellation);
    }

    /// <summary>How far a job has come; cheap for one that runs here. A job that says it runs, and has no process, is UNKNOWN.</summary>
    /// <exception cref="AzCopyJobNotFoundException">AzCopy knows no such job.</exception>
    /// <exception cref="AzCopyParseException">Its answer makes no sense.</exception>
    public async Task<AzCopyProgress> PollAsync(string jobId, CancellationToken cancellation = default)
    {
        if (processes.TryGetValue(jobId, out AzCopyProcess? process))
            return process.Completion.IsCompleted ? ProgressOf(await process.Completion) : process.Progress;
        (AzCopyPlanState plan, AzCopySummary summary) = await ShowAsync(jobId, cancellation);
        return plan switch
        {
            AzCopyPlanState.NoPlan => throw new AzCopyJobNotFoundException(Facts(jobId, summary)),
            AzCopyPlanState.Corrupt => throw new AzCopyParseException(Facts(jobId, summary)),
            AzCopyPlanState.Unknown when summary.RawStatus is null => throw new AzCopyParseException(Facts(jobId, summary)),
            AzCopyPlanState.Interrupted when IsAlive => ProgressOf(summary) with { State = AzCopyState.Running },
            _ => ProgressOf(summary),
        };
    }

    /// <summary>What a job came to.</summary>
    /// <exception cref="AzCopyNotFinishedException">It has not ended, or was ended from outside and can be resumed.</exception>
    /// <exception cref="AzCopyJobNotFoundException">AzCopy knows no such job.</exception>
    /// <exception cref="AzCopyParseException">Its answer makes no sense.</exception>
    public async Task<AzCopySummary> GetSummaryAsync(string jobId, CancellationToken cancellation = default)
    {
        if (processes.TryGetValue(jobId, out AzCopyProcess? process))
        {
            return process.Completion.IsCompleted
                ? await process.Completion
                : throw new AzCopyNotFinishedException(process.Progress, new AzCopyFacts(jobId, workspace.LogFolder, ""));
        }
        AzCopyProgress progress = await PollAsync(jobId, cancellation);
        (AzCopyPlanState plan, AzCopySummary summary) = await ShowAsync(jobId, cancellation);
        return plan is AzCopyPlanState.Completed or AzCopyPlanState.Ended
            ? summary
            : throw new AzCopyNotFinishedException(progress, Facts(jobId, summary));
    }

    /// <summary>What AzCopy's plan says of a job, whoever ran it.</summary>
    public async Task<(AzCopyPlanState Plan, AzCopySummary Summary)> ShowAsync(string jobId, CancellationToken cancellation = default)
    {
        AzCopyAnswer? answer = await AzCopyLauncher.RunAsync(workspace, AzCopyCommand.Show(jobId), workspace.Options.Patience.Show, cancellation);
        if (answer is null)
            return (AzCopyPlanState.Unknown, new AzCopyReport().Summary(exitCode: null) with { JobId = jobId });
        return (AzCopyPlans.StateOf(answer.Report, answer.ExitCode), answer.Report.Summary(exitCode: null) with { JobId = jobId, Excerpt = answer.Output });
    }

    /// <summary>The process that runs a job, when it was started here.</summary>
    public AzCopyProcess? ProcessOf(string jobId) => processes.GetValueOrDefault(jobId);

    public async ValueTask DisposeAsync()
    {
        foreach (AzCopyProcess process in processes.Values)
            await process.DisposeAsync();
    }

    private bool IsAlive => AzCopyOrphans.Find(workspace.JobFolder).Count > 0;

    private async Task<AzCopyJob> StartAsync(AzCopyCommand command, string? expectedId, CancellationToken cancellation)
    {
        Version version = await AzCopyVersion.FindAsync(workspace, cancellation);
        AzCopyProcess process = AzCopyProcess.Start(workspace, command.For(version), clock);
        try
        {
            string jobId = await process.JobId.WaitAsync(workspace.Options.Patience.JobId, cancellation);
            if (expectedId is not null && !jobId.Equals(expectedId, StringComparison.OrdinalIgnoreCase))
                throw new AzCopyJobNotFoundException(new AzCopyFacts(expectedId, workspace.LogFolder, $"It went on with {jobId} instead."));
            if (processes.TryGetValue(jobId, out AzCopyProcess? before))
                await before.DisposeAsync();
            processes[jobId] = process;
            return new AzCopyJob(jobId, process.StartedAt, process.CommandLine, workspace.Settings(), workspace.LogFolder, process.Identity);
        }
        catch (Exception failure)
        {
            AzCopySummary end = await process.KillAsync();
            bool noPlan = expectedId is not null && process.MustStartAnew;
            await process.DisposeAsync();
            if (noPlan)
                throw new AzCopyJobNotFoundException(Facts(expectedId!, end));
            if (failure is TimeoutException)
                throw new AzCopyJobIdNotFoundException(Facts(expectedId, end));
            throw;
        }
    }

    private static AzCopyProgress ProgressOf(AzCopySummary summary) => new(summary.JobId, summary.State, summary.RawStatus, summary.LastUpdated, summary.Counts);

    private AzCopyFacts Facts(string? jobId, AzCopySummary summary) =>
        new(jobId, workspace.LogFolder, summary.Messages.Count > 0 ? string.Join(' ', summary.Messages) : summary.Excerpt);
}
