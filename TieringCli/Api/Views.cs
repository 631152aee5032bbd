using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Plans;

namespace Tiering.Cli.Api;

/// <summary>A project, as the service tells of it.</summary>
public sealed record ProjectView(string Slug, LifecycleState State)
{
    public DateTimeOffset? AddedAt { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>From when on it may go cool; null where the client knows it.</summary>
    public DateOnly? CoolingEligibleAt { get; init; }

    public ProjectPin? Pin { get; init; }
}

/// <summary>An operation, as the service tells of it.</summary>
public sealed record OperationView(Guid Id, string Project, OperationType Type, OperationStatus Status)
{
    public string? RequestedBy { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public DataSize? Total { get; init; }

    public DataSize Copied { get; init; }

    public double Percent { get; init; }

    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];

    public string? Proof { get; init; }

    public bool Unwitnessed { get; init; }

    public OperationError? Error { get; init; }

    public DeletionView? Deletion { get; init; }

    /// <summary>What its agent does now; null when none tells.</summary>
    public ProgressView? Progress { get; init; }

    public bool IsTerminal => Status is OperationStatus.Succeeded or OperationStatus.Failed;

    /// <summary>The deletion of its source as if it were an operation, to show how it comes along.</summary>
    public OperationView AsDeletion() => this with
    {
        Status = Deletion?.Status switch
        {
            DeletionStatus.Succeeded => OperationStatus.Succeeded,
            DeletionStatus.Failed => OperationStatus.Failed,
            DeletionStatus.Running => OperationStatus.Running,
            _ => OperationStatus.Pending,
        },
        Percent = Deletion is { IsTerminal: true } ? 100 : 0,
        Total = Deletion?.Removed,
        Copied = Deletion?.Removed ?? default,
    };

    /// <summary>From acceptance to the end; null while it lives.</summary>
    public TimeSpan? Duration => FinishedAt - AcceptedAt;

    /// <summary>COOL or RESTORE.</summary>
    public string TypeName => Type.ToString().ToUpperInvariant();

    public string StatusName => Status.ToString().ToUpperInvariant();
}

/// <summary>What a running agent tells.</summary>
/// <param name="Phase">What it does.</param>
/// <param name="At">When it told.</param>
public sealed record ProgressView(TransferPhase Phase, DateTimeOffset At)
{
    /// <summary>Null while it is not known; so are the others.</summary>
    public double? BytesPerSecond { get; init; }

    public double? FilesPerSecond { get; init; }

    /// <summary>When copy and proof are done at this speed.</summary>
    public DateTimeOffset? EstimatedEnd { get; init; }

    /// <summary>How long that is from when it was told; null when it is not known.</summary>
    public TimeSpan? Left => EstimatedEnd - At is { } left ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : null;
}

/// <summary>The deletion of an operation's source, as the service tells of it.</summary>
public sealed record DeletionView(DeletionStatus Status)
{
    public DateTimeOffset? RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public DataSize? Removed { get; init; }

    public OperationError? Error { get; init; }

    public bool IsTerminal => Status is DeletionStatus.Succeeded or DeletionStatus.Failed;
}

/// <summary>A plan, as the service tells of it.</summary>
/// <param name="Id">Asks for it again.</param>
/// <param name="Status">RUNNING, READY or FAILED.</param>
public sealed record PlanView(Guid Id, string Status)
{
    /// <summary>What the operation would do; null until READY.</summary>
    public TransferPlan? Plan { get; init; }

    /// <summary>Why there is none; null unless FAILED.</summary>
    public OperationError? Error { get; init; }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">Its entries.</param>
/// <param name="Continuation">Asks for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation = null);
