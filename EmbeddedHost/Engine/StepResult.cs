using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>How a generation ended.</summary>
internal abstract record Outcome;

internal sealed record Succeeded(string? Output) : Outcome;

internal sealed record Faulted(TaskFailureDetails Failure) : Outcome;

internal sealed record Ended(string? Output, bool Recursive) : Outcome;

internal sealed record Continued(NextGeneration Next) : Outcome;

/// <summary>What came of one step.</summary>
/// <param name="Told">What the orchestrator was told, without what no longer mattered.</param>
/// <param name="Actions">What it asks for, by number.</param>
/// <param name="CancelledTimers">Timers that it no longer needs; some may be among the actions.</param>
/// <param name="Status">Null when it was not set in this generation.</param>
/// <param name="Suspended">Whether the instance is held.</param>
/// <param name="Outcome">Null when it goes on.</param>
internal sealed record StepResult(
    IReadOnlyList<HistoryEvent> Told,
    IReadOnlyList<OrchestratorAction> Actions,
    IReadOnlyList<int> CancelledTimers,
    CustomStatus? Status,
    bool Suspended,
    Outcome? Outcome);
