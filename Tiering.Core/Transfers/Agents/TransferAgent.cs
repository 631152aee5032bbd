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
        bool cancelled = await folder.IsCancelRequestedAsync(working.Token);
        TransferSession? session = null;
        try
        {
            session = await TransferSession.OpenAsync(folder, attempt, stores, clock, working.Token);
            if (cancelled)
                return await CancelledAsync(attempt, session, working.Token);
            using CancellationTokenSource transfer = CancellationTokenSource.CreateLinkedTokenSource(working.Token);
            Task<bool> watch = WatchAsync(session, transfer, working.Token);
            try
            {
                return await new TransferRun(session, copy, settings, clock).RunAsync(transfer.Token);
            }
            catch (OperationCanceledException) when (!working.IsCancellationRequested)
            {
                return await CancelledAsync(attempt, session, working.Token);
            }
            finally
            {
                await transfer.CancelAsync();
                await watch;
            }
        }
        catch (TieringException failure) when (session is null)
        {
            return new TransferVerdict(attempt, clock.GetUtcNow()) { Error = new OperationError(failure.Code, failure.Message) };
        }
    }

    private async Task<TransferVerdict> CancelledAsync(int attempt, TransferSession session, CancellationToken cancellation)
    {
        await FailedCool.RecordAsync(session, clock, cancellation);
        return new TransferVerdict(attempt, clock.GetUtcNow())
        {
            Error = new OperationError("cancelled", "The operation was cancelled."),
            Total = session.Total,
            TouchedDestination = session.Checkpoint.DestinationTouched,
            Removed = session.Checkpoint.Removed,
            AzCopyJobs = session.Checkpoint.AzCopyJobs,
        };
    }

    /// <summary>Beats, takes over renewed access, and ends the transfer when somebody asks for it.</summary>
    private async Task<bool> WatchAsync(TransferSession session, CancellationTokenSource transfer, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await session.PublishProgressAsync(cancellation);
                await session.RefreshAccessAsync(cancellation);
                if (await folder.IsCancelRequestedAsync(cancellation))
                {
                    await transfer.CancelAsync();
                    return true;
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or TieringException { IsTransient: true })
            {
                log.LogWarning("The job folder could not be used: {Reason}", failure.Message); // a missed beat is no reason to stop copying
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            try
            {
                await Task.Delay(folder.Beat, clock, transfer.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
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
