using System.Text.Json.Serialization;

namespace Tiering.Core.Lifecycle;

/// <summary>One attempt to move a project's data, from acceptance to outcome. Immutable; every change makes a new record.</summary>
/// <param name="Key">Project, type and id: what names it for ever.</param>
/// <param name="AcceptedAt">When it was recorded.</param>
public sealed record LifecycleOperation(OperationKey Key, DateTimeOffset AcceptedAt)
{
    /// <summary>What the caller said that the source holds; null when the caller said nothing. Never changes.</summary>
    public DataSize? Expected { get; init; }

    /// <summary>How the caller wants contents compared, spelled like <see cref="Proof"/>; null for what the settings say. Never changes.</summary>
    public string? RequestedProof { get; init; }

    /// <summary>True when the caller wants a COOL whatever it costs. Never changes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IgnoreCost { get; init; }

    /// <summary>True when whoever asks for this COOL has seen what lies at its destination and is not explained, and gives it up. Never changes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TakeOver { get; init; }

    /// <summary>Who asked: a token's name, <c>euphrosyne</c>, <c>night</c>.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>It ends, untouched, when it has not begun by then; null for no limit. Never changes.</summary>
    public DateTimeOffset? StartBefore { get; init; }

    [JsonInclude] public OperationStatus Status { get; private init; } = OperationStatus.Pending;

    [JsonInclude] public DateTimeOffset? StartedAt { get; private init; }

    [JsonInclude] public DateTimeOffset? FinishedAt { get; private init; }

    /// <summary>What the source held, from its inventory; null while unknown. Set once.</summary>
    [JsonInclude] public DataSize? Total { get; private init; }

    /// <summary>While running what AzCopy tells; at the end what was counted at the destination. Never decreases.</summary>
    [JsonInclude] public DataSize Copied { get; private init; }

    /// <summary>0 to 100; never decreases.</summary>
    [JsonInclude] public double Percent { get; private init; }

    [JsonInclude] public OperationError? Error { get; private init; }

    /// <summary>Every AzCopy job of this operation, oldest first.</summary>
    [JsonInclude] public IReadOnlyList<string> AzCopyJobs { get; private init; } = [];

    /// <summary>How contents were compared: <c>sizes</c>, <c>sample:N%</c> or <c>full</c>; null until verified. Only a content proof allows source deletion.</summary>
    [JsonInclude] public string? Proof { get; private init; }

    /// <summary>True for a RESTORE of data whose COOL left no manifest.</summary>
    [JsonInclude] public bool Unwitnessed { get; private init; }

    [JsonIgnore] public bool IsTerminal => Status is OperationStatus.Succeeded or OperationStatus.Failed;

    /// <exception cref="OperationTerminalException">The operation has ended.</exception>
    public LifecycleOperation Start(DateTimeOffset now) =>
        Live() with { Status = OperationStatus.Running, StartedAt = StartedAt ?? NotBefore(now, AcceptedAt) };

    /// <summary>Takes over what the agent tells; figures that would go back, or are none, are ignored.</summary>
    /// <exception cref="OperationTerminalException">The operation has ended.</exception>
    public LifecycleOperation Report(DataSize? total, DataSize copied, double percent, IReadOnlyList<string> azCopyJobs) => Live() with
    {
        Total = Total ?? total,
        Copied = new DataSize(Math.Max(Copied.Files, copied.Files), Math.Max(Copied.Bytes, copied.Bytes)),
        Percent = double.IsNaN(percent) ? Percent : Math.Max(Percent, Math.Clamp(percent, 0, 100)),
        AzCopyJobs = azCopyJobs.All(AzCopyJobs.Contains) ? AzCopyJobs : [.. AzCopyJobs.Union(azCopyJobs)],
    };

    /// <summary>
    /// Ends the operation well, if what was counted at the destination is what the source held, and the source held what the caller and
    /// every earlier count said; else it ends FAILED with the reason.
    /// </summary>
    /// <exception cref="OperationTerminalException">The operation has ended.</exception>
    public LifecycleOperation Succeed(DateTimeOffset now, DataSize total, DataSize copied, string proof, bool unwitnessed)
    {
        if (Expected is { } expected && expected != total)
            return Fail(now, new OperationError("expectation-mismatch", $"The source holds {total}; the caller expected {expected}."));
        if (Total is { } counted && counted != total)
            return Fail(now, new OperationError("source-changed", $"The source held {counted} first and {total} later."));
        if (copied != total)
            return Fail(now, new OperationError("verification-mismatch", $"The destination holds {copied}, the source {total}."));
        return Live() with
        {
            Status = OperationStatus.Succeeded,
            StartedAt = StartedAt ?? NotBefore(now, AcceptedAt),
            FinishedAt = NotBefore(now, StartedAt ?? AcceptedAt),
            Total = total,
            Copied = copied,
            Percent = 100,
            Proof = proof,
            Unwitnessed = unwitnessed,
        };
    }

    /// <exception cref="OperationTerminalException">The operation has ended.</exception>
    public LifecycleOperation Fail(DateTimeOffset now, OperationError error) => Live() with
    {
        Status = OperationStatus.Failed,
        StartedAt = StartedAt ?? NotBefore(now, AcceptedAt),
        FinishedAt = NotBefore(now, StartedAt ?? AcceptedAt),
        Error = error,
    };

    // A clock that was set back must not make an operation end before it began.
    private static DateTimeOffset NotBefore(DateTimeOffset now, DateTimeOffset earliest) => now < earliest ? earliest : now;

    private LifecycleOperation Live() => IsTerminal ? throw new OperationTerminalException(this) : this;
}

public sealed class OperationTerminalException(LifecycleOperation operation)
    : TieringException("operation-terminal", $"{operation.Key} has ended ({operation.Status.ToString().ToUpperInvariant()}) and does not change any more.", isTransient: false);
