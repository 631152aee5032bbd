using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>One attempt at one transfer, from wherever the attempt before left it to a verdict.</summary>
public sealed class TransferRun(TransferSession session, IDataCopy copy, StorageSettings settings, TimeProvider clock)
{
    /// <summary>How long a storage that does not answer is asked again, step by step from the checkpoint on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Longer than requests that nobody answers take to give up: what fails after it has worked.</summary>
    private static readonly TimeSpan GoodWhile = TimeSpan.FromMinutes(30);

    private long? troubleSince;
    private (AgentCheckpoint, DataSize) atTrouble;

    /// <summary>Failures that a source which changed meanwhile may be the cause of.</summary>
    private static readonly HashSet<string> PerhapsChanged = ["azcopy-failed", "verification-mismatch", "content-mismatch", "entry-changed"];

    /// <returns>What was measured, and why it failed if it did. Only the loss of the lease or the end of the process leaves no verdict.</returns>
    public async Task<TransferVerdict> RunAsync(CancellationToken cancellation)
    {
        TransferVerdict verdict = new(session.Attempt, clock.GetUtcNow()) { Unwitnessed = IsUnwitnessed };
        while (true)
        {
            long began = clock.GetTimestamp();
            try
            {
                verdict = await WorkAsync(verdict, cancellation);
                break;
            }
            catch (TieringException failure) when (failure.IsTransient && IsWorthWaiting(began))
            {
                await Task.Delay(Pause, clock, cancellation);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                verdict = verdict with { Total = session.Total, Error = ErrorOf(await CauseOfAsync(failure, cancellation)) };
                break;
            }
        }
        if (verdict.Error is not null)
        {
            await copy.RecordJobsAsync(session, cancellation);
            await FailedCool.RecordAsync(session, clock, cancellation);
        }
        return verdict with
        {
            FinishedAt = clock.GetUtcNow(),
            TouchedDestination = session.Checkpoint.DestinationTouched,
            Removed = session.Checkpoint.Removed,
            AzCopyJobs = session.Checkpoint.AzCopyJobs,
        };
    }

    private async Task<TransferVerdict> WorkAsync(TransferVerdict verdict, CancellationToken cancellation)
    {
        DataSize total = await new SourceInventory(session, clock).RunAsync(cancellation);
        session.Report(now => now with { Total = total });
        Proof proof = session.Job.Proof ?? settings.ProofFor(total);
        session.Proof = new ProofAhead(proof.BytesOf(total), settings.ProofBytesPerSecond);
        await CostGate.CheckAsync(session, proof, copy.BlockBytesOf(session), clock.GetUtcNow(), cancellation);
        if (total.Files > 0 && !session.Checkpoint.Copied)
            await copy.PrepareAsync(session, total, cancellation);
        await new DestinationClearing(session, copy.Downloads, clock).RunAsync(total, cancellation);
        await CopyAsync(total, cancellation);
        VerifiedTransfer proved = await new Verification(session, proof, settings.ProofBytesPerSecond, clock).RunAsync(cancellation);
        return verdict with
        {
            Total = total,
            Copied = proved.Copied,
            FilesHashed = proved.FilesHashed,
            FilesRechecked = proved.FilesRechecked,
            Proof = proof,
            Evidence = proved.Evidence,
        };
    }

    /// <summary>A failure after a good while of work, or after something has got on, is a new trouble.</summary>
    private bool IsWorthWaiting(long began)
    {
        // That another AzCopy was started is nothing got on with.
        (AgentCheckpoint, DataSize) now = (session.Checkpoint with { AzCopyJobs = [], JobsOfPartsDone = 0, AzCopyVersion = null, BlockMiB = null, Rest = null }, session.Copied);
        if (troubleSince is null || clock.GetElapsedTime(began) > GoodWhile || now != atTrouble)
            troubleSince = clock.GetTimestamp();
        atTrouble = now;
        return clock.GetElapsedTime(troubleSince.Value) < Patience;
    }

    /// <summary>A copy may be wrong because the source was changed under it: then that is what its owner has to know.</summary>
    private async Task<Exception> CauseOfAsync(Exception failure, CancellationToken cancellation)
    {
        if (failure is not TieringException { Code: { } code } || !PerhapsChanged.Contains(code) || !session.Checkpoint.SourceInventoried)
            return failure;
        try
        {
            await Verification.CheckSourceAsync(session, cancellation);
            return failure;
        }
        catch (TieringException cause)
        {
            return cause.Code == "source-changed" ? cause : failure;
        }
    }

    private bool IsUnwitnessed => session.Job is { Witnessed: false, Operation.Type: OperationType.Restore };

    private async Task CopyAsync(DataSize total, CancellationToken cancellation)
    {
        if (session.Checkpoint.Copied)
            return;
        await session.EnterAsync(TransferPhase.Copy, cancellation);
        if (total.Files > 0) // AzCopy calls an empty source an error
            await copy.CopyAsync(session, cancellation);
        await session.SaveAsync(session.Checkpoint with { Copied = true }, cancellation);
    }

    private static OperationError ErrorOf(Exception failure) => failure switch
    {
        TransferFailedException failed => failed.Error,
        AzCopyException azCopy => new OperationError(azCopy.Code, azCopy.Message, AzCopyFailures.DetailsOf(azCopy.Facts)),
        TieringException known => new OperationError(known.Code, known.Message),
        IOException { HResult: 28 } => new OperationError("disk-full", "The disk is full."), // ENOSPC
        _ => new OperationError("agent-failed", $"The agent met what it does not know: {failure.GetType().Name}."),
    };
}

/// <summary>Copies the contents of a transfer's files. Whether that worked is found out afterwards, by others.</summary>
public interface IDataCopy
{
    /// <summary>How many files come at once into a folder.</summary>
    AzCopyDownloads Downloads { get; }

    /// <summary>In what pieces files are copied, by the bounds of the bandwidth that hold now; null for AzCopy's own choice.</summary>
    long? BlockBytesOf(TransferSession session);

    /// <summary>Finds out, before anything is changed at the destination, whether the copy can be made at all. Safe to repeat.</summary>
    /// <exception cref="TieringException">It cannot; the code says what is missing.</exception>
    Task PrepareAsync(TransferSession session, DataSize total, CancellationToken cancellation);

    /// <summary>Ends when there is nothing left to copy. The checkpoint keeps what a later attempt needs to go on.</summary>
    /// <exception cref="TransferFailedException">The copy cannot be completed.</exception>
    Task CopyAsync(TransferSession session, CancellationToken cancellation);

    /// <summary>
    /// Takes into the checkpoint the copy's jobs that ended before they could be recorded, because this agent or the one before was ended just then:
    /// what they have left at the destination is known to be ours only so. While none runs; safe to repeat.
    /// </summary>
    Task RecordJobsAsync(TransferSession session, CancellationToken cancellation);

    /// <summary>Removes what only the copy needed; called once the transfer has come to an end, however it did. Safe to repeat.</summary>
    void CleanUp(TransferSession session, bool succeeded);
}
