using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Works on one job as the only one: takes the lease, ends what a dead agent left running, runs the transfer, writes the verdict.</summary>
public sealed class TransferAgent(IJobFolder folder, ProjectStores stores, IDataCopy copy, IOrphans orphans, StorageSettings settings, TimeProvider clock, ILogger log)
{
    /// <summary>How often in a beat of the job folder an agent looks whether it is cancelled. AzCopy is killed at once then, and never asked.</summary>
    public const int LooksPerBeat = 4;

    /// <summary>Longer than the lease of an agent that died holds.</summary>
    private static readonly TimeSpan LeaseWait = TimeSpan.FromMinutes(2);

    /// <summary>Runs one attempt to its end.</summary>
    /// <param name="attempt">From 1; an attempt below the highest that held the lease does nothing.</param>
    /// <param name="cancellation">Ends the attempt without a verdict: the next one goes on.</param>
    /// <returns>What became of it.</returns>
    public async Task<AgentEnd> RunAsync(int attempt, CancellationToken cancellation)
    {
        IJobLease? lease = await WaitForLeaseAsync(cancellation);
        if (lease is null)
            return AgentEnd.LeaseHeld;
        await using (lease)
        {
            using CancellationTokenSource working = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
            AgentRecord? before = await folder.ReadAsync<AgentRecord>(JobFiles.Agent, working.Token);
            if (before?.Attempt > attempt)
                return AgentEnd.Superseded;
            if (await folder.ReadAsync<TransferVerdict>(JobFiles.Verdict, working.Token) is not null)
                return AgentEnd.AlreadyEnded;
            await folder.WriteAsync(JobFiles.Agent, AgentRecord.Of(attempt), durable: true, working.Token);
            await orphans.EndAsync(working.Token); // never two writers

            TransferVerdict verdict = await WorkAsync(attempt, working);
            await folder.WriteAsync(JobFiles.Verdict, verdict, durable: true, working.Token);
            log.LogInformation("Attempt {Attempt} ended: {Outcome}", attempt, verdict.Error?.Code ?? "proved");
            return AgentEnd.Verdict;
        }
    }

    private async Task<TransferVerdict> WorkAsync(int attempt, CancellationTokenSource working)
    {
        TransferSession session;
        try
        {
            session = await TransferSession.OpenAsync(folder, attempt, stores, clock, working.Token);
        }
        catch (TieringException failure) when (!failure.IsTransient) // else the next attempt opens it
        {
            return new TransferVerdict(attempt, clock.GetUtcNow()) { Error = new OperationError(failure.Code, failure.Message) };
        }
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(working.Token);
        using CancellationTokenSource transfer = CancellationTokenSource.CreateLinkedTokenSource(working.Token);
        if (await folder.IsCancelRequestedAsync(working.Token))
            await transfer.CancelAsync();
        Task watch = WatchAsync(session, transfer, ended.Token);
        try
        {
            TransferVerdict verdict = await RunOrCancelAsync(session, transfer.Token, working.Token);
            CleanUp(session, verdict);
            return verdict;
        }
        finally
        {
            await ended.CancelAsync();
            await watch;
        }
    }

    private async Task<TransferVerdict> RunOrCancelAsync(TransferSession session, CancellationToken transfer, CancellationToken working)
    {
        try
        {
            transfer.ThrowIfCancellationRequested();
            return await new TransferRun(session, copy, settings, clock).RunAsync(transfer);
        }
        catch (OperationCanceledException) when (!working.IsCancellationRequested)
        {
            log.LogInformation("Attempt {Attempt} is cancelled; nothing copies any more", session.Attempt);
            return await CancelledAsync(session, working);
        }
    }

    /// <summary>Leaves at the destination what was there before; what cannot be taken back is recorded, so that the next operation knows it as ours.</summary>
    private async Task<TransferVerdict> CancelledAsync(TransferSession session, CancellationToken cancellation)
    {
        Dictionary<string, string> details = new(StringComparer.Ordinal);
        await copy.RecordJobsAsync(session, cancellation);
        try
        {
            if (await new WrittenData(session, clock).RemoveAsync(cancellation) is { } removed)
                details["taken_back_files"] = removed.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (TieringException failure)
        {
            log.LogWarning("Not all that was written could be taken back: {Reason}", failure.Message);
            details["taken_back"] = failure.Message;
        }
        await FailedCool.RecordAsync(session, clock, cancellation);
        return new TransferVerdict(session.Attempt, clock.GetUtcNow())
        {
            Error = new OperationError("cancelled", "The operation was cancelled.", details),
            Total = session.Total,
            TouchedDestination = session.Checkpoint.DestinationTouched,
            Removed = session.Checkpoint.Removed,
            AzCopyJobs = session.Checkpoint.AzCopyJobs,
        };
    }

    private void CleanUp(TransferSession session, TransferVerdict verdict)
    {
        try
        {
            copy.CleanUp(session, succeeded: verdict.Error is null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TieringException)
        {
            log.LogWarning("What the copy needed could not be removed: {Reason}", failure.Message);
        }
    }

    /// <summary>Beats and takes over renewed access until the attempt ends, and ends the transfer when somebody asks for it.</summary>
    private async Task WatchAsync(TransferSession session, CancellationTokenSource transfer, CancellationToken ended)
    {
        long beaten = 0;
        while (true)
        {
            try
            {
                if (!transfer.IsCancellationRequested && await folder.IsCancelRequestedAsync(ended))
                    await transfer.CancelAsync();
                if (beaten == 0 || clock.GetElapsedTime(beaten) >= folder.Beat)
                {
                    beaten = clock.GetTimestamp();
                    await session.PublishProgressAsync(ended);
                    await session.RefreshAsync(ended);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or TieringException { IsTransient: true })
            {
                log.LogWarning("The job folder could not be used: {Reason}", failure.Message); // a missed beat is no reason to stop copying
            }
            catch (OperationCanceledException)
            {
                return;
            }
            try
            {
                await Task.Delay(folder.Beat / LooksPerBeat, clock, ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<IJobLease?> WaitForLeaseAsync(CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        TimeSpan pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            if (await folder.TryAcquireLeaseAsync(cancellation) is { } lease)
                return lease;
            if (clock.GetElapsedTime(start) > LeaseWait)
                return null;
            await Task.Delay(pause, clock, cancellation);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond));
        }
    }
}

/// <summary>What became of an attempt.</summary>
public enum AgentEnd { Verdict, AlreadyEnded, Superseded, LeaseHeld }

/// <summary>Ends the writers that an agent which died has left running for this job.</summary>
public interface IOrphans
{
    /// <summary>When it returns, nobody writes for this job.</summary>
    Task EndAsync(CancellationToken cancellation);
}

/// <summary>Who held the lease last (<c>agent.json</c>).</summary>
/// <param name="Attempt">The highest attempt that held it.</param>
/// <param name="ProcessId">Its process; of use on its own machine only.</param>
/// <param name="Machine">Where it runs.</param>
/// <param name="StartedAt">When the process started: with the id it names the process.</param>
public sealed record AgentRecord(int Attempt, int ProcessId, string Machine, DateTimeOffset StartedAt)
{
    public static AgentRecord Of(int attempt)
    {
        using Process self = Process.GetCurrentProcess();
        return new AgentRecord(attempt, self.Id, Environment.MachineName, new DateTimeOffset(self.StartTime.ToUniversalTime()));
    }
}
