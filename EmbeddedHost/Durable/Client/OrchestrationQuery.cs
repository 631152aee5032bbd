namespace Tiering.EmbeddedHost.Durable.Client;

/// <summary>Which instances to list; all of its conditions hold at once.</summary>
/// <param name="CreatedFrom">Created then or later.</param>
/// <param name="CreatedTo">Created then or earlier.</param>
/// <param name="Statuses">In one of these; null for all.</param>
/// <param name="TaskHubNames">There is one task hub here: ignored.</param>
/// <param name="InstanceIdPrefix">With an id that begins so, case counted.</param>
/// <param name="PageSize">Instances per page; at least 1.</param>
/// <param name="FetchInputsAndOutputs">Whether they can be read.</param>
/// <param name="ContinuationToken">From an earlier page; null for the first.</param>
public record OrchestrationQuery(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null,
    IEnumerable<string>? TaskHubNames = null,
    string? InstanceIdPrefix = null,
    int PageSize = OrchestrationQuery.DefaultPageSize,
    bool FetchInputsAndOutputs = false,
    string? ContinuationToken = null)
{
    public const int DefaultPageSize = 100;
}
