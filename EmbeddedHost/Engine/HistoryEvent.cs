using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Something that an instance was told, or that it did. What it was told is replayed; what it did is compared.</summary>
internal abstract record HistoryEvent;

/// <summary>The first event of every generation.</summary>
internal sealed record ExecutionStarted(string? Input) : HistoryEvent;

/// <summary>An activity or a child returned.</summary>
internal sealed record TaskCompleted(int TaskId, string? Result) : HistoryEvent;

/// <summary>An activity or a child failed.</summary>
/// <param name="TaskId">The action that called it.</param>
/// <param name="Failure">How.</param>
/// <param name="CanRetry">False when another attempt cannot help, as for a name that nothing has.</param>
internal sealed record TaskFailed(int TaskId, TaskFailureDetails Failure, bool CanRetry) : HistoryEvent;

internal sealed record TimerFired(int TaskId) : HistoryEvent;

internal sealed record EventRaised(string Name, string? Payload) : HistoryEvent;

internal sealed record ExecutionSuspended(string? Reason) : HistoryEvent;

internal sealed record ExecutionResumed(string? Reason) : HistoryEvent;

internal sealed record ExecutionTerminated(string? Output, bool Recursive) : HistoryEvent;

/// <summary>The host ends the instance, because its code broke a rule of orchestrators.</summary>
internal sealed record ExecutionFaulted(TaskFailureDetails Failure) : HistoryEvent;

internal sealed record ActivityScheduled(int TaskId, string Name) : HistoryEvent;

internal sealed record TimerCreated(int TaskId, DateTime Due) : HistoryEvent;

internal sealed record ChildScheduled(int TaskId, string Name, string InstanceId) : HistoryEvent;

internal sealed record EventSent(int TaskId, string Target, string Name) : HistoryEvent;

/// <summary>A stored message that cannot be read. It is never written.</summary>
internal sealed record Unreadable(string Reason) : HistoryEvent;

/// <summary>One step of an instance: what it was told at one moment, and what it did then.</summary>
/// <param name="Time">The orchestrator's time in this step, UTC.</param>
/// <param name="Told">In the order in which it was told.</param>
/// <param name="Done">By number of the action.</param>
internal sealed record HistoryStep(DateTime Time, IReadOnlyList<HistoryEvent> Told, IReadOnlyList<HistoryEvent> Done);
