using System.Text.Json.Serialization;
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

    /// <summary>The pending messages of an operation, its source deletion's included, oldest first.</summary>
    Task<IReadOnlyList<OutboxMessage>> ListPendingAsync(OperationKey operation, CancellationToken cancellation);

    Task<OutboxMessage?> FindAsync(long sequence, CancellationToken cancellation);

    /// <summary>Whether an older message of the same project is pending and will be tried before <paramref name="soon"/>.</summary>
    Task<bool> HasOlderAsync(OutboxMessage message, DateTimeOffset soon, CancellationToken cancellation);

    /// <summary>The client has taken it.</summary>
    Task DeliveredAsync(long sequence, CancellationToken cancellation);

    /// <summary>
    /// An attempt failed: the next one comes at <paramref name="next"/>; null parks the message until a person sends it again. No effect
    /// when it was delivered, or sent again, meanwhile.
    /// </summary>
    Task FailedAsync(long sequence, int round, string reason, DateTimeOffset? next, CancellationToken cancellation);

    /// <summary>Sends a message again, now, whatever became of it, and audits that; null when there is none.</summary>
    Task<OutboxMessage?> ResendAsync(long sequence, Caller caller, CancellationToken cancellation);
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
    string? LastError)
{
    /// <summary>How often it was put in: 1, and one more for each time it was sent again. Each has an orchestration of its own.</summary>
    public int Round { get; init; } = 1;

    /// <summary>When it was put in last.</summary>
    public DateTimeOffset Since { get; init; } = CreatedAt;

    /// <summary>The id of the orchestration that delivers it.</summary>
    [JsonIgnore]
    public string InstanceId => FormattableString.Invariant($"outbox-{Sequence}-{Round}");
}
