using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Triggers;

/// <summary>What <c>/api</c> tells of an operation.</summary>
public sealed record OperationView(
    Guid Id,
    ProjectSlug Project,
    OperationType Type,
    OperationStatus Status,
    string RequestedBy,
    DateTimeOffset AcceptedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    DataSize? Expected,
    string? RequestedProof,
    DataSize? Total,
    DataSize Copied,
    double Percent,
    IReadOnlyList<string> AzCopyJobs,
    string? Proof,
    bool Unwitnessed,
    OperationError? Error,
    DeletionView? Deletion)
{
    /// <summary>What its agent does now; null when none tells.</summary>
    public ProgressView? Progress { get; init; }

    /// <param name="operation">What is recorded.</param>
    /// <param name="deletion">The deletion of its source; null leaves it out.</param>
    public static OperationView Of(LifecycleOperation operation, SourceDeletion? deletion = null) => new(
        operation.Key.Id,
        operation.Key.Project,
        operation.Key.Type,
        operation.Status,
        operation.RequestedBy,
        operation.AcceptedAt,
        operation.StartedAt,
        operation.FinishedAt,
        operation.Expected,
        operation.RequestedProof,
        operation.Total,
        operation.Copied,
        operation.Percent,
        operation.AzCopyJobs,
        operation.Proof,
        operation.Unwitnessed,
        operation.Error,
        deletion is null ? null : DeletionView.Of(deletion));
}

/// <summary>What <c>/api</c> tells of a running agent.</summary>
public sealed record ProgressView(TransferPhase Phase, int Attempt, DateTimeOffset At, double? BytesPerSecond, double? FilesPerSecond, DateTimeOffset? EstimatedEnd)
{
    /// <summary>An agent that has been silent for longer tells nothing of now.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    /// <summary>Null when the agent has told nothing lately.</summary>
    public static ProgressView? Of(TransferProgress? progress, DateTimeOffset now) => progress is not null && now - progress.Heartbeat < Fresh
        ? new(progress.Phase, progress.Attempt, progress.Heartbeat, progress.BytesPerSecond, progress.FilesPerSecond, progress.EstimatedEnd)
        : null;
}

/// <summary>What <c>/api</c> tells of the deletion of an operation's source.</summary>
public sealed record DeletionView(DeletionStatus Status, DateTimeOffset? RequestedAt, DateTimeOffset? FinishedAt, DataSize? Removed, OperationError? Error)
{
    public static DeletionView Of(SourceDeletion deletion) =>
        new(deletion.Status, deletion.RequestedAt, deletion.FinishedAt, deletion.Removed, deletion.Error);
}

/// <summary>One page of a list.</summary>
/// <param name="Items">Its entries.</param>
/// <param name="Continuation">Asks for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation);
