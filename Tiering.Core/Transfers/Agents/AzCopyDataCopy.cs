using System.Globalization;
using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>
/// Copies by AzCopy: starts it, watches it, and when it ends before its job does, resumes that job or starts another. What AzCopy says
/// decides only whether to go on copying; whether the copy is right is found out by the verification.
/// </summary>
public sealed class AzCopyDataCopy(AzCopyOptions options, TimeProvider clock, ILogger log) : IDataCopy
{
    /// <summary>How often AzCopy is started for one attempt before its failure counts. A process that was killed does not count.</summary>
    private const int MaxFailures = 3;
    private const int MaxInterruptions = 50;

    /// <summary>How often AzCopy may call files failed for their length alone before they are measured.</summary>
    private const int MaxLengthMismatches = 2;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewalLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>AzCopy goes on for hours without a word when nobody answers it: after so long without progress, it is asked whether anybody does.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public async Task CopyAsync(TransferSession session, CancellationToken cancellation)
    {
        await using AzCopyRunner runner = new(AzCopyWorkspace.Open(options, session.LocalPath), clock);
        int failures = 0;
        int interruptions = 0;
        bool anew = false;
        while (true)
        {
            await CheckReachableAsync(session, cancellation);
            string? before = session.Checkpoint.AzCopyJobs is [.., { } last] ? last : null;
            long logged = AzCopyFailureLog.EndOf(runner.Workspace, before);
            TransferAccess used = session.Access;
            AzCopySummary summary = await RunAsync(runner, session, anew, cancellation);
            await session.WriteAsync(JobFiles.Summary, summary, cancellation);
            bool finished = summary.State == AzCopyState.Succeeded;
            // What its scan was refused, AzCopy leaves out and calls the job complete: only another scan finds it.
            anew = finished && summary.Counts.Completed < session.Total?.Files;
            if (finished && !anew)
                return;
            log.LogWarning(
                "AzCopy ended with {Status}: {Completed} done, {Failed} failed, of {Files} files",
                summary.RawStatus ?? "no status", summary.Counts.Completed, summary.Counts.Failed, session.Total?.Files);
            bool interrupted = summary.State == AzCopyState.Unknown || await HasNewAccessAsync(session, used, cancellation);
            if (!interrupted && failures + 1 >= MaxLengthMismatches && await FindLengthMismatchesAsync(runner, summary, summary.JobId == before ? logged : 0, session) is { } recheck)
            {
                log.LogWarning("AzCopy doubts only the length of {Count} files: they will be read on both sides", recheck.Files.Count);
                await session.WriteAsync(JobFiles.Recheck, recheck, cancellation);
                return;
            }
            if (interrupted ? ++interruptions <= MaxInterruptions : ++failures < MaxFailures && summary.State != AzCopyState.Canceled)
            {
                if (!interrupted)
                    await Task.Delay(Pause * failures, clock, cancellation);
            }
            else if (finished)
            {
                return; // the verification says which files are missing
            }
            else
            {
                throw FailureOf(summary, session.Job);
            }
        }
    }

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
    private async Task<AzCopySummary> RunAsync(AzCopyRunner runner, TransferSession session, bool anew, CancellationToken cancellation)
    {
        if (!anew && session.Checkpoint.AzCopyJobs is [.., { } last])
        {
            (AzCopyPlanState plan, AzCopySummary summary) = await runner.ShowAsync(last, cancellation);
            AzCopyNextStep next = AzCopyPlans.Decide(plan, originalLives: AzCopyOrphans.Find(session.LocalPath).Count > 0);
            log.LogInformation("The plan of AzCopy job {Job} is {Plan}: {Next}", last, plan, next);
            if (next == AzCopyNextStep.TakeSummary)
                return summary;
            if (next == AzCopyNextStep.Resume)
            {
                try
                {
                    return await SuperviseAsync(
                        await runner.ResumeAsync(last, SourceOf(session), DestinationOf(session), cancellation), runner, session, cancellation);
                }
                catch (AzCopyJobNotFoundException)
                {
                    log.LogWarning("AzCopy job {Job} cannot be resumed; starting anew", last);
                }
            }
        }
        AzCopyJob job = await runner.StartCopyAsync(
            SourceOf(session),
            DestinationOf(session),
            OptionsOf(session.Job),
            cancellation);
        Version version = await AzCopyVersion.FindAsync(runner.Workspace, cancellation);
        await session.SaveAsync(
            session.Checkpoint with { AzCopyJobs = [.. session.Checkpoint.AzCopyJobs, job.JobId], AzCopyVersion = version.ToString() }, cancellation);
        return await SuperviseAsync(job, runner, session, cancellation);
    }

    private async Task<AzCopySummary> SuperviseAsync(AzCopyJob job, AzCopyRunner runner, TransferSession session, CancellationToken cancellation)
    {
        log.LogInformation("AzCopy job {Job}: {Command}", job.JobId, job.CommandLine);
        AzCopyProcess process = runner.ProcessOf(job.JobId)!;
        DateTimeOffset asked = clock.GetUtcNow();
        try
        {
            while (!process.Completion.IsCompleted)
            {
                if (process.Prompt is { } question)
                {
                    log.LogWarning("AzCopy asks instead of copying, and is ended: {Question}", question);
                    return await process.KillAsync();
                }
                Report(process.Progress.Counts, session);
                DateTimeOffset now = clock.GetUtcNow();
                if (now - process.LastChange > Silence && now - asked > Silence)
                {
                    await CheckReachableAsync(session, cancellation);
                    asked = clock.GetUtcNow();
                }
                await Task.WhenAny(process.Completion, Task.Delay(Look, clock, cancellation));
                cancellation.ThrowIfCancellationRequested();
            }
            AzCopySummary summary = await process.Completion;
            Report(summary.Counts, session);
            return summary;
        }
        catch (Exception)
        {
            await process.KillAsync();
            throw;
        }
    }

    private static AzCopyEndpoint SourceOf(TransferSession session) => new(session.Job.Source, session.Access.Source.AzCopySas);

    private static AzCopyEndpoint DestinationOf(TransferSession session) => new(session.Job.Destination, session.Access.Destination.AzCopySas);

    private static async Task CheckReachableAsync(TransferSession session, CancellationToken cancellation)
    {
        foreach (IProjectStore store in (IProjectStore[])[session.Source, session.Destination])
        {
            try
            {
                await store.CheckReachableAsync(cancellation);
            }
            catch (StoreRefusedException)
            {
                // an answer, too: access that has run out is renewed elsewhere
            }
        }
    }

    private static void Report(AzCopyCounts counts, TransferSession session) => session.Report(now => now with
    {
        Copied = new DataSize(Math.Max(now.Copied.Files, Math.Min(counts.Completed, now.Total?.Files ?? 0)), Math.Max(now.Copied.Bytes, counts.BytesTransferred)),
        Percent = Math.Max(now.Percent, Math.Min(counts.Percent, 99.9)), // 100 is for what is proved
    });

    private static AzCopyCopyOptions OptionsOf(TransferJob job) => new()
    {
        BlockBlobTier = job.Destination.Kind == LocationKind.Blob ? "Cool" : null,
        PutMd5 = job is { Source.Kind: LocationKind.Folder, Destination.Kind: LocationKind.Blob },
        CheckMd5 = job is { Source.Kind: LocationKind.Blob, Destination.Kind: LocationKind.Folder } ? "FailIfDifferent" : null,
    };

    private static TransferFailedException FailureOf(AzCopySummary summary, TransferJob job)
    {
        Dictionary<string, string> details = new(StringComparer.Ordinal)
        {
            ["job_id"] = summary.JobId ?? "",
            ["azcopy_state"] = summary.RawStatus ?? "",
            ["failed_transfers"] = summary.Counts.Failed.ToString(CultureInfo.InvariantCulture),
            ["skipped_transfers"] = summary.Counts.Skipped.ToString(CultureInfo.InvariantCulture),
            ["first"] = string.Join('\n', summary.FailedTransfers.Take(20).Select(transfer => $"{Relative(transfer.Source, job.Source)}: {transfer.Status} {transfer.ErrorCode}")),
        };
        bool full = summary.Messages.Any(message => message.Contains("no space left", StringComparison.OrdinalIgnoreCase));
        return summary switch
        {
            _ when full => new TransferFailedException("disk-full", "The destination's disk is full.", details),
            { Counts.Failed: > 0 } => new TransferFailedException("azcopy-failed", $"AzCopy reported {summary.Counts.Failed} failed transfer(s)", details),
            { State: AzCopyState.Canceled } => new TransferFailedException("azcopy-cancelled", "AzCopy job was canceled", details),
            { State: AzCopyState.Unknown } => new TransferFailedException("azcopy-unknown", "AzCopy returned an unknown status", details),
            _ => new TransferFailedException("azcopy-failed", "AzCopy job failed", details),
        };
    }

    /// <summary>A path within the project: where the project lies is nothing for those who read results.</summary>
    private static string Relative(string path, Location source) =>
        path.StartsWith(source.Address, StringComparison.Ordinal) ? path[source.Address.Length..].TrimStart('/') : Path.GetFileName(path);
}
