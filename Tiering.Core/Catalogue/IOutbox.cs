using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>
/// Results that the client is owed. A message is written in the commit that ends the work it tells of, its payload never changes, and it
/// is kept after delivery. Delivery is at least once: the client's own rules absorb repeats.
/// </summary>
public interface IOutbox
{
    /// <summary>Pending messages whose time has come, oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<OutboxMessage>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Messages with this status (null: all), oldest first, after the given sequence, at most <paramref name="limit"/> (1 to 1000).</summary>
    Task<IReadOnlyList<OutboxMessage>> ListAsync(OutboxStatus? status, long after, int limit, CancellationToken cancellation);

    /// <summary>The client has taken it.</summary>
    Task DeliveredAsync(long sequence, CancellationToken cancellation);

    /// <summary>An attempt failed: the next one comes at <paramref name="next"/>; null parks the message until a person sends it again.</summary>
    Task FailedAsync(long sequence, string reason, DateTimeOffset? next, CancellationToken cancellation);

    /// <summary>Sends a message again, now, whatever became of it; no effect on an unknown one.</summary>
    Task ResendAsync(long sequence, CancellationToken cancellation);
}

public enum OutboxStatus { Pending, Delivered, Parked }

/// <param name="Sequence">Its number, in the order of the commits.</param>
/// <param name="Operation">The operation that it tells of.</param>
/// <param name="IsDeletion">Whether it tells of the deletion of the operation's source.</param>
/// <param name="Payload">The body, byte for byte the same in every attempt.</param>
/// <param name="CreatedAt">When the work ended.</param>
/// <param name="Status">Pending, delivered or parked.</param>
/// <param name="Attempts">Attempts that have failed since it was last put in.</param>
/// <param name="NextAt">When to try next.</param>
/// <param name="LastError">Why the last attempt failed; null for none.</param>
public sealed record OutboxMessage(
    long Sequence,
    OperationKey Operation,
    bool IsDeletion,
    string Payload,
    DateTimeOffset CreatedAt,
    OutboxStatus Status,
    int Attempts,
    DateTimeOffset NextAt,
    string? LastError);
