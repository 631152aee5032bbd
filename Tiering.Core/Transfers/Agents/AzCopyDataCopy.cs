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
    /// <summary>How often AzCopy may call files failed for their length alone before they are measured.</summary>
    private const int MaxLengthMismatches = 2;
    private const int ReasonsKept = 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewalLimit = TimeSpan.FromMinutes(10);

    public AzCopyDownloads Downloads => options.Downloads;

    public long? BlockBytesOf(TransferSession session) =>
        CopyBlocks.SizeBytes(session.Job.Source.Kind, session.Job.Destination.Kind, CapsOf(session).Lowest);

    public async Task PrepareAsync(TransferSession session, DataSize total, CancellationToken cancellation)
    {
        AzCopyWorkspace workspace = AzCopyWorkspace.Open(options, session.LocalPath);
        Version version = await AzCopyVersion.FindAsync(workspace, cancellation);
        log.LogInformation("AzCopy is version {Version}", version);
        AzCopyVersion.Demand(version, CopyOf(session, list: null, cap: null, BlockOf(session)));
        await CheckBlocksAsync(session, cancellation);
        if (session.Checkpoint.AzCopyJobs.Count == 0)
            AzCopyDisk.CheckRoom(workspace, Math.Min(total.Files, options.FilesPerJob));
    }

    public async Task CopyAsync(TransferSession session, CancellationToken cancellation)
    {
        await using AzCopyRunner runner = new(AzCopyWorkspace.Open(options, session.LocalPath), clock);
        DataSize total = session.Total ?? default;
        long limit = session.Checkpoint.FilesPerJob ?? options.FilesPerJob;
        if (total.Files <= limit)
        {
            await CopyAsync(runner, session, new CopyStretch(List: null, total, default), cancellation);
            await RecordJobsAsync(session, cancellation);
            return;
        }
        await session.SaveAsync(session.Checkpoint with { FilesPerJob = limit }, cancellation); // a new setting is not for a copy that has begun
        IReadOnlyList<CopyPart> parts = await CopyParts.PlanAsync(session.ReadManifest(cancellation), limit, session.LocalPath, cancellation);
        DataSize before = default;
        foreach ((int number, CopyPart part) in parts.Index())
        {
            if (number >= session.Checkpoint.PartsDone)
            {
                log.LogInformation("Part {Number} of {Count}: {Size}", number + 1, parts.Count, part.Size);
                await CopyAsync(runner, session, new CopyStretch(Path.Combine(session.LocalPath, part.List), part.Size, before), cancellation);
                await RecordJobsAsync(session, cancellation); // while their plans are there
                AgentCheckpoint done = session.Checkpoint;
                await session.SaveAsync(done with { PartsDone = number + 1, JobsOfPartsDone = done.AzCopyJobs.Count, Rest = null }, cancellation);
                runner.Workspace.Clear();
            }
            before += part.Size;
        }
    }

    public async Task RecordJobsAsync(TransferSession session, CancellationToken cancellation)
    {
        try
        {
            AgentCheckpoint all = session.Checkpoint.WithEnded(AzCopyWorkspace.JobsWithPlans(options.WorkFolder, session.LocalPath));
            if (all != session.Checkpoint)
                await session.SaveAsync(all, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TieringException)
        {
            log.LogWarning("The jobs of AzCopy could not all be recorded: {Reason}", failure.Message); // what it leaves is then nobody's, and told
        }
    }

    /// <summary>Files that a bound of the bandwidth would cut into more pieces than a blob may have are told before a byte moves.</summary>
    private async Task CheckBlocksAsync(TransferSession session, CancellationToken cancellation)
    {
        OperationError? found = await CopyBlocks.FindTooLargeAsync(
            session.ReadManifest(cancellation), session.Job.Source.Kind, session.Job.Destination.Kind, CapsOf(session), cancellation);
        if (found is { } tooLarge)
            throw new TransferFailedException(tooLarge.Code, tooLarge.Message);
    }

    private async Task CopyAsync(AzCopyRunner runner, TransferSession session, CopyStretch stretch, CancellationToken cancellation)
    {
        AzCopySupervisor supervisor = new(options, session, clock, log);
        AzCopyRetries retries = new();
        bool anew = false;
        while (true)
        {
            await supervisor.CheckReachableAsync(cancellation);
            IReadOnlyDictionary<string, long> mark = AzCopyFailureLog.Mark(runner.Workspace);
            TransferAccess used = session.Access;
            if (await RunAsync(runner, supervisor, session, stretch, anew, cancellation) is not { } end)
                return;
            if (end.Cause == AzCopyCause.CapChanged)
            {
                anew = false;
                continue;
            }
            AzCopySummary summary = end.Summary;
            DataSize size = session.Checkpoint.Rest ?? stretch.Size;
            await session.WriteAsync(JobFiles.Summary, summary, cancellation);
            bool finished = end.Cause == AzCopyCause.Exited && summary.State == AzCopyState.Succeeded;
            // What its scan was refused, AzCopy leaves out and calls the job complete: only another scan finds it.
            anew = end.Cause == AzCopyCause.WrongJob || (finished && summary.Counts.Completed < size.Files);
            if (finished && !anew)
                return;
            log.LogWarning(
                "AzCopy ended ({Cause}) with {Status}: {Completed} done, {Failed} failed, of {Files} files",
                end.Cause, summary.RawStatus ?? "no status", summary.Counts.Completed, summary.Counts.Failed, size.Files);
            bool renewed = await HasNewAccessAsync(session, used, cancellation);
            if (!renewed && retries.Failures + 1 >= MaxLengthMismatches && await FindLengthMismatchesAsync(runner, summary, mark, session, size) is { } recheck)
            {
                log.LogWarning("AzCopy doubts only the length of {Count} files: they will be read on both sides", recheck.Files.Count);
                LengthRecheck? parts = await session.ReadAsync<LengthRecheck>(JobFiles.Recheck, cancellation); // of the parts before
                await session.WriteAsync(JobFiles.Recheck, recheck with { Files = [.. (parts?.Files ?? []).Concat(recheck.Files).DistinctBy(file => file.Path)] }, cancellation);
                return;
            }
            if (retries.Again(end, renewed))
                await Task.Delay(retries.Pause, clock, cancellation);
            else if (finished)
                return; // the verification says which files are missing
            else
                throw AzCopyFailures.Of(end, retries, await AzCopyFailureLog.ReadFirstAsync(runner.Workspace, mark, ReasonsKept), session.Job);
        }
    }

    public void CleanUp(TransferSession session, bool succeeded)
    {
        AzCopyWorkspace.Open(options, session.LocalPath).Remove(logs: succeeded);
        foreach (string list in CopyParts.Lists.SelectMany(lists => Directory.EnumerateFiles(session.LocalPath, lists)))
            File.Delete(list);
    }

    /// <summary>
    /// The files that failed, if all of them did for their length and for nothing else; else null. Between two services only: there AzCopy
    /// is known to be mistaken about it.
    /// </summary>
    private static async Task<LengthRecheck?> FindLengthMismatchesAsync(
        AzCopyRunner runner, AzCopySummary summary, IReadOnlyDictionary<string, long> mark, TransferSession session, DataSize size)
    {
        TransferJob job = session.Job;
        bool serviceToService = job.Source.Kind != LocationKind.Folder && job.Destination.Kind != LocationKind.Folder;
        if (!serviceToService || summary is not { JobId: { } id, State: AzCopyState.Failed, Counts.Failed: > 0 and <= LengthRecheck.MaxFiles })
            return null;
        IReadOnlyList<AzCopyFailure>? failures = await AzCopyFailureLog.ReadAsync(runner.Workspace, mark, LengthRecheck.MaxFiles);
        if (failures is not { Count: > 0 } || !failures.All(failure => failure.IsLengthMismatch))
            return null;
        if (failures.Count > summary.Counts.Failed || summary.Counts.Completed + failures.Count < size.Files) // 10.18.1 counts what fails again in a resume twice
            return null; // there is more to copy
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
            await session.RefreshAsync(cancellation);
        }
        return session.Access != used;
    }

    /// <summary>Takes the job before to its end, or starts a new one for what it has left.</summary>
    /// <returns>Null when nothing is left to copy.</returns>
    private async Task<AzCopyEnd?> RunAsync(
        AzCopyRunner runner, AzCopySupervisor supervisor, TransferSession session, CopyStretch stretch, bool anew, CancellationToken cancellation)
    {
        double? cap = CapsOf(session).CapAt(clock.GetUtcNow());
        bool fits = BlockOf(session) is not { } block || session.Checkpoint.BlockMiB <= block; // a plan's pieces stay as they are
        if (!anew && fits && LastJob(session) is { } last)
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
                    AzCopyJob resumed = await runner.ResumeAsync(last, SourceOf(session), DestinationOf(session), cap, cancellation);
                    return await WatchAsync(resumed, isResumed: true, runner, supervisor, stretch.Narrowed(session.Checkpoint.Rest, list: null), cap, cancellation);
                }
                catch (AzCopyJobNotFoundException)
                {
                    log.LogWarning("AzCopy job {Job} cannot be resumed; starting anew", last);
                }
            }
        }
        if (!fits && LastJob(session) is not null)
            await CheckBlocksAsync(session, cancellation);
        CopyStretch left = LastJob(session) is null ? stretch : await new CopyRest(session, log).FindAsync(stretch, cancellation);
        return left.Size.Files == 0 ? null : await StartAsync(runner, supervisor, session, stretch, left, cap, cancellation);
    }

    /// <summary>Starts an AzCopy job for what is left of a stretch.</summary>
    private async Task<AzCopyEnd> StartAsync(
        AzCopyRunner runner, AzCopySupervisor supervisor, TransferSession session, CopyStretch stretch, CopyStretch left, double? cap, CancellationToken cancellation)
    {
        AzCopyJob job;
        double? block = BlockOf(session);
        try
        {
            job = await runner.StartAsync(CopyOf(session, left.List, cap, block), cancellation);
        }
        catch (AzCopyStartFailedException refused) when (left != stretch)
        {
            log.LogWarning("AzCopy did not begin with what is left, and copies all: {Reason}", refused.Message);
            left = stretch;
            job = await runner.StartAsync(CopyOf(session, left.List, cap, block), cancellation);
        }
        if (session.Checkpoint.AzCopyJobs.Contains(job.JobId, StringComparer.OrdinalIgnoreCase))
            return new AzCopyEnd(await runner.ProcessOf(job.JobId)!.KillAsync(), AzCopyCause.WrongJob);
        Version version = await AzCopyVersion.FindAsync(runner.Workspace, cancellation);
        AgentCheckpoint started = session.Checkpoint with
        {
            AzCopyJobs = [.. session.Checkpoint.AzCopyJobs, job.JobId],
            AzCopyVersion = version.ToString(),
            BlockMiB = block,
            Rest = left == stretch ? null : left.Size,
        };
        await session.SaveAsync(started, cancellation);
        return await WatchAsync(job, isResumed: false, runner, supervisor, left, cap, cancellation);
    }

    private Task<AzCopyEnd> WatchAsync(
        AzCopyJob job, bool isResumed, AzCopyRunner runner, AzCopySupervisor supervisor, CopyStretch stretch, double? cap, CancellationToken cancellation)
    {
        log.LogInformation("AzCopy job {Job}: {Command}", job.JobId, job.CommandLine);
        return supervisor.WatchAsync(runner.ProcessOf(job.JobId)!, isResumed, stretch, cap, cancellation);
    }

    /// <summary>The job of the present part that was started last; null before there is one.</summary>
    private static string? LastJob(TransferSession session) =>
        session.Checkpoint.AzCopyJobs.Count > session.Checkpoint.JobsOfPartsDone ? session.Checkpoint.AzCopyJobs[^1] : null;

    /// <summary>The bounds that hold now: the service may have told others since this agent was started.</summary>
    private BandwidthTimetable CapsOf(TransferSession session) => session.Caps ?? options.Caps;

    private double? BlockOf(TransferSession session) =>
        CopyBlocks.SizeMiB(session.Job.Source.Kind, session.Job.Destination.Kind, CapsOf(session).Lowest);

    private AzCopyCommand CopyOf(TransferSession session, string? list, double? cap, double? block) => AzCopyCommand.Copy(
        SourceOf(session),
        DestinationOf(session),
        AzCopyCopyOptions.Between(session.Job.Source.Kind, session.Job.Destination.Kind) with { List = list, CapMbps = cap, BlockMiB = block },
        options);

    private static AzCopyEndpoint SourceOf(TransferSession session) => new(session.Job.Source, session.Access.Source.AzCopySas);

    private static AzCopyEndpoint DestinationOf(TransferSession session) => new(session.Job.Destination, session.Access.Destination.AzCopySas);
}
