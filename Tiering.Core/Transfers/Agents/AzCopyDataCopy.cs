using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Copies by AzCopy: starts it, watches it, and when it ends before its job does, resumes that job or starts another. What AzCopy says
/// decides only whether to go on copying; whether the copy is right is found out by the verification.
/// </summary>
public sealed class AzCopyDataCopy(AzCopyOptions options, TimeProvider clock, ILogger log) : IDataCopy
{
    /// <summary>How often AzCopy may call files failed for their length alone before they are measured.</summary>
    private const int MaxLengthMismatches = 2;
    private const int ReasonsKept = 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewalLimit = TimeSpan.FromMinutes(10);

    public async Task PrepareAsync(TransferSession session, DataSize total, CancellationToken cancellation)
    {
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(options, session.LocalPath);
        Version version = await AzCopyVersion.FindAsync(workspace, cancellation);
        log.LogInformation("AzCopy is version {Version}", version);
        AzCopyVersion.Demand(version, CopyOf(session));
        if (session.Checkpoint.AzCopyJobs.Count == 0)
            AzCopyDisk.CheckRoom(workspace, total.Files);
    }

    public async Task CopyAsync(TransferSession session, CancellationToken cancellation)
    {
        await using AzCopyRunner runner = new(AzCopyWorkspace.Open(options, session.LocalPath), clock);
        AzCopySupervisor supervisor = new(options, session, clock, log);
        AzCopyRetries retries = new();
        bool anew = false;
        while (true)
        {
            await supervisor.CheckReachableAsync(cancellation);
            string? before = session.Checkpoint.AzCopyJobs is [.., { } last] ? last : null;
            long logged = AzCopyFailureLog.EndOf(runner.Workspace, before);
            TransferAccess used = session.Access;
            AzCopyEnd end = await RunAsync(runner, supervisor, session, anew, cancellation);
            AzCopySummary summary = end.Summary;
            await session.WriteAsync(JobFiles.Summary, summary, cancellation);
            bool finished = end.Cause == AzCopyCause.Exited && summary.State == AzCopyState.Succeeded;
            // What its scan was refused, AzCopy leaves out and calls the job complete: only another scan finds it.
            anew = end.Cause == AzCopyCause.WrongJob || (finished && summary.Counts.Completed < session.Total?.Files);
            if (finished && !anew)
                return;
            log.LogWarning(
                "AzCopy ended ({Cause}) with {Status}: {Completed} done, {Failed} failed, of {Files} files",
                end.Cause, summary.RawStatus ?? "no status", summary.Counts.Completed, summary.Counts.Failed, session.Total?.Files);
            bool renewed = await HasNewAccessAsync(session, used, cancellation);
            long from = summary.JobId == before ? logged : 0;
            if (!renewed && retries.Failures + 1 >= MaxLengthMismatches && await FindLengthMismatchesAsync(runner, summary, from, session) is { } recheck)
            {
                log.LogWarning("AzCopy doubts only the length of {Count} files: they will be read on both sides", recheck.Files.Count);
                await session.WriteAsync(JobFiles.Recheck, recheck, cancellation);
                return;
            }
            if (retries.Again(end, renewed))
                await Task.Delay(retries.Pause, clock, cancellation);
            else if (finished)
                return; // the verification says which files are missing
            else
                throw AzCopyFailures.Of(end, retries, await ReasonsAsync(runner.Workspace, summary.JobId, from), session.Job);
        }
    }

    public void CleanUp(TransferSession session, bool succeeded) => AzCopyWorkspace.Open(options, session.LocalPath).Remove(logs: succeeded);

    private static async Task<IReadOnlyList<AzCopyFailure>> ReasonsAsync(AzCopyWorkspace workspace, string? jobId, long from) =>
        jobId is null ? [] : await AzCopyFailureLog.ReadFirstAsync(workspace, jobId, from, ReasonsKept);

    /// <summary>
    /// The files that failed, if all of them did for their length and for nothing else; else null. Between two services only: there AzCopy
    /// is known to be mistaken about it.
    /// </summary>
    private static async Task<LengthRecheck?> FindLengthMismatchesAsync(AzCopyRunner runner, AzCopySummary summary, long logged, TransferSession session)
    {
        TransferJob job = session.Job;
        bool serviceToService = job.Source.Kind != LocationKind.Folder && job.Destination.Kind != LocationKind.Folder;
        if (!serviceToService || summary is not { JobId: { } id, State: AzCopyState.Failed, Counts.Failed: > 0 and <= LengthRecheck.MaxFiles })
            return null;
        if (summary.Counts.Completed + summary.Counts.Failed < session.Total?.Files)
            return null; // there is more to copy
        IReadOnlyList<AzCopyFailure>? failures = await AzCopyFailureLog.ReadAsync(runner.Workspace, id, logged, LengthRecheck.MaxFiles);
        if (failures is null || failures.Count != summary.Counts.Failed || !failures.All(failure => failure.IsLengthMismatch))
            return null;
        string project = Uri.UnescapeDataString(job.Source.Address) + "/";
        List<RecheckedFile> files = [];
        foreach (AzCopyFailure failure in failures)
        {
            string path = Uri.UnescapeDataString(failure.Source);
            if (!path.StartsWith(project, StringComparison.Ordinal))
                return null;
            files.Add(new RecheckedFile(path[project.Length..], failure.Reason));
        }
        return new LengthRecheck(id, files);
    }

    /// <summary>Whether an AzCopy that failed had access which is not the newest any more. One that has run out is waited for: the service renews it.</summary>
    private async Task<bool> HasNewAccessAsync(TransferSession session, TransferAccess used, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        while (session.Access == used && used.ExpiresAt - clock.GetUtcNow() < ClockSkew && clock.GetElapsedTime(start) < RenewalLimit)
        {
            await Task.Delay(Look, clock, cancellation);
            await session.RefreshAccessAsync(cancellation);
        }
        return session.Access != used;
    }

    /// <summary>Takes the job before to its end, or starts a new one.</summary>
    private async Task<AzCopyEnd> RunAsync(AzCopyRunner runner, AzCopySupervisor supervisor, TransferSession session, bool anew, CancellationToken cancellation)
    {
        if (!anew && session.Checkpoint.AzCopyJobs is [.., { } last])
        {
            (AzCopyPlanState plan, AzCopySummary summary) = await runner.ShowAsync(last, cancellation);
            AzCopyNextStep next = AzCopyPlans.Decide(plan, originalLives: AzCopyOrphans.Find(session.LocalPath).Count > 0);
            log.LogInformation("The plan of AzCopy job {Job} is {Plan}: {Next}", last, plan, next);
            if (next == AzCopyNextStep.TakeSummary)
                return AzCopyEnd.Of(summary);
            if (next == AzCopyNextStep.Resume)
            {
                try
                {
                    AzCopyJob resumed = await runner.ResumeAsync(last, SourceOf(session), DestinationOf(session), cancellation);
                    return await WatchAsync(resumed, runner, supervisor, cancellation);
                }
                catch (AzCopyJobNotFoundException)
                {
                    log.LogWarning("AzCopy job {Job} cannot be resumed; starting anew", last);
                }
            }
        }
        AzCopyJob job = await runner.StartAsync(CopyOf(session), cancellation);
        if (session.Checkpoint.AzCopyJobs.Contains(job.JobId, StringComparer.OrdinalIgnoreCase))
            return new AzCopyEnd(await runner.ProcessOf(job.JobId)!.KillAsync(), AzCopyCause.WrongJob);
        Version version = await AzCopyVersion.FindAsync(runner.Workspace, cancellation);
        await session.SaveAsync(
            session.Checkpoint with { AzCopyJobs = [.. session.Checkpoint.AzCopyJobs, job.JobId], AzCopyVersion = version.ToString() }, cancellation);
        return await WatchAsync(job, runner, supervisor, cancellation);
    }

    private Task<AzCopyEnd> WatchAsync(AzCopyJob job, AzCopyRunner runner, AzCopySupervisor supervisor, CancellationToken cancellation)
    {
        log.LogInformation("AzCopy job {Job}: {Command}", job.JobId, job.CommandLine);
        return supervisor.WatchAsync(runner.ProcessOf(job.JobId)!, cancellation);
    }

    private AzCopyCommand CopyOf(TransferSession session) => AzCopyCommand.Copy(SourceOf(session), DestinationOf(session), OptionsOf(session.Job), options);

    private static AzCopyEndpoint SourceOf(TransferSession session) => new(session.Job.Source, session.Access.Source.AzCopySas);

    private static AzCopyEndpoint DestinationOf(TransferSession session) => new(session.Job.Destination, session.Access.Destination.AzCopySas);

    private static AzCopyCopyOptions OptionsOf(TransferJob job) => new()
    {
        BlockBlobTier = job.Destination.Kind == LocationKind.Blob ? "Cool" : null,
        PutMd5 = job is { Source.Kind: LocationKind.Folder, Destination.Kind: LocationKind.Blob },
        CheckMd5 = job is { Source.Kind: LocationKind.Blob, Destination.Kind: LocationKind.Folder } ? "FailIfDifferent" : null,
    };
}
