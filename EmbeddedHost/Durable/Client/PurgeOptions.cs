namespace Tiering.EmbeddedHost.Durable.Client;

/// <param name="Recursive">Sub-orchestrations, too.</param>
public record PurgeInstanceOptions(bool Recursive = false);

/// <param name="CreatedFrom">Created then or later.</param>
/// <param name="CreatedTo">Created then or earlier.</param>
/// <param name="Statuses">In one of these; null for all that have ended.</param>
public record PurgeInstancesFilter(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null)
{
    /// <summary>When to stop though there is more to purge; null for never.</summary>
    public TimeSpan? Timeout { get; init; }
}

public class PurgeResult
{
    public PurgeResult(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PurgedInstanceCount = count;
    }

    public PurgeResult(int count, bool? isComplete)
        : this(count) => IsComplete = isComplete;

    public int PurgedInstanceCount { get; }

    /// <summary>False when there is more to purge; null when that is not known.</summary>
    public bool? IsComplete { get; }
}
