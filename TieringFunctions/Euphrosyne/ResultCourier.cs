using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Euphrosyne;

/// <summary>
/// Brings results from the outbox to Euphrosyne, one attempt at a time. The outbox is the authority: whatever happens here, or to this
/// process, a message is sent until it is delivered or parked. Source: euphrosyne-contract.md, chapter 8.
/// </summary>
public sealed class ResultCourier(
    IOutbox outbox, ICatalogue catalogue, EuphrosyneClient client, BackendSettings settings, AnswersUnderWay answers, TimeProvider time, ILogger<ResultCourier> log)
{
    /// <summary>Attempts at a time: a client that does not answer must not take the slots that transfers need.</summary>
    private const int Together = 6;

    /// <summary>Between commit and answer lies a little; an answer of which this process knows nothing any more was written within this.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>An older message of the project that is due within this goes first.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    /// <summary>The longest that the client's own commit is waited for.</summary>
    private static readonly TimeSpan CommitLimit = TimeSpan.FromSeconds(60);

    private int running;

    /// <summary>Makes the next attempt, if its time has come.</summary>
    /// <param name="sequence">The message.</param>
    /// <param name="round">Which putting-in of it: only the latest is delivered.</param>
    /// <param name="cancellation">Ends the call; the attempt may have reached the client.</param>
    /// <returns>When to come again; null when there is nothing more to do.</returns>
    public async Task<DateTimeOffset?> DeliverAsync(long sequence, int round, CancellationToken cancellation)
    {
        if (await outbox.FindAsync(sequence, cancellation) is not { Status: OutboxStatus.Pending } message || message.Round != round)
            return null;
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset due = await DueAsync(message, cancellation);
        if (due > now)
            return due;
        if (await outbox.HasOlderAsync(message, now + Soon, cancellation))
            return now + Look;
        try
        {
            if (Interlocked.Increment(ref running) > Together)
                return now + Look;
            return await IsCommitAwaitedAsync(message, cancellation) ? time.GetUtcNow() + Look : await SendAsync(message, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    /// <summary>Not before its time, and a result not before its acceptance was told and the client had the time to commit.</summary>
    private async Task<DateTimeOffset> DueAsync(OutboxMessage message, CancellationToken cancellation)
    {
        if (message.IsDeletion)
            return message.NextAt; // the client commits before it asks
        LifecycleOperation? operation = await catalogue.FindOperationAsync(message.Operation, cancellation);
        DateTimeOffset told = (message.Round > 1 ? message.Since : operation?.AcceptedAt ?? message.Since) + AnswerTime;
        if (answers.FindEnd(message.Operation) is { } end && end > told)
            told = end;
        if (told == DateTimeOffset.MaxValue)
            return time.GetUtcNow() + Look;
        DateTimeOffset earliest = told + settings.CallbackDelay;
        return earliest > message.NextAt ? earliest : message.NextAt;
    }

    /// <summary>
    /// Whether the client shows that it has not committed the acceptance yet: it names this operation as the last one and does not move.
    /// A result that overtakes that commit would be lost on it.
    /// </summary>
    private async Task<bool> IsCommitAwaitedAsync(OutboxMessage message, CancellationToken cancellation)
    {
        if (message is not { IsDeletion: false, Attempts: 0, Round: 1 }
            || await catalogue.FindOperationAsync(message.Operation, cancellation) is not { } operation
            || time.GetUtcNow() - operation.AcceptedAt > CommitLimit)
        {
            return false;
        }
        try
        {
            ProjectLifecycle shown = await client.LookUpAsync(message.Operation.Project, attempts: 1, cancellation);
            LifecycleState before = message.Operation.SourceRole == StorageRole.Hot ? LifecycleState.Hot : LifecycleState.Cool;
            return shown.LastOperationId == message.Operation.Id && (shown.State == before || shown.State == LifecycleState.Error);
        }
        catch (TieringException)
        {
            return false; // the delivery will show what is the matter
        }
    }

    private async Task<DateTimeOffset?> SendAsync(OutboxMessage message, CancellationToken cancellation)
    {
        DeliveryFailure? failure = await TrySendAsync(message.Payload, cancellation);
        if (failure is null)
        {
            await outbox.DeliveredAsync(message.Sequence, CancellationToken.None);
            log.LogInformation("Result {Sequence} of {Operation} was delivered", message.Sequence, message.Operation);
            return null;
        }
        DateTimeOffset? next = new DeliverySchedule(settings.GiveUpAfter).Next(message.Attempts + 1, failure, time.GetUtcNow(), message.Since);
        await outbox.FailedAsync(message.Sequence, message.Round, failure.Reason, next, CancellationToken.None);
        log.LogWarning(
            "Result {Sequence} of {Operation} was not taken (attempt {Attempt}): {Reason} {Next}",
            message.Sequence, message.Operation, message.Attempts + 1, failure.Reason, next is { } at ? $"Next at {at:u}." : "It is parked.");
        return next;
    }

    private async Task<DeliveryFailure?> TrySendAsync(string payload, CancellationToken cancellation)
    {
        try
        {
            return await client.SendAsync(payload, cancellation);
        }
        catch (ConfigurationException wrong)
        {
            return new DeliveryFailure($"{wrong.Message}.");
        }
    }
}
