namespace Tiering.Core.Lifecycle;

/// <summary>How far the deletion of an operation's source has come.</summary>
public enum DeletionStatus { NotRequested, Running, Succeeded, Failed }

/// <summary>The deletion of the side that an operation copied from. A failed one may be asked for again under the same operation.</summary>
/// <param name="Status">How far it is.</param>
public sealed record SourceDeletion(DeletionStatus Status)
{
    public static SourceDeletion None { get; } = new(DeletionStatus.NotRequested);

    /// <summary>What the caller says that the retained side holds; it must be so.</summary>
    public DataSize? Expected { get; init; }

    /// <summary>Counts the requests, from 1: each has an orchestration of its own.</summary>
    public int Generation { get; init; }

    public string RequestedBy { get; init; } = "";

    public DateTimeOffset? RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What was removed.</summary>
    public DataSize? Removed { get; init; }

    public OperationError? Error { get; init; }
}
