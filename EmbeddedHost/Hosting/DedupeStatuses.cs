using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Reads the statuses in which a start must not replace an instance.</summary>
internal static class DedupeStatuses
{
    /// <summary>Those that have not ended.</summary>
    public static readonly IReadOnlySet<OrchestrationRuntimeStatus> Running = new HashSet<OrchestrationRuntimeStatus>
        { OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended };

    /// <param name="names">Names of statuses; null for none: what has the id is replaced, whatever its status.</param>
    /// <exception cref="ArgumentException">A name is unknown, or Terminated is listed without every running status.</exception>
    public static IReadOnlySet<OrchestrationRuntimeStatus> Parse(IReadOnlyList<string>? names)
    {
        if (names is null)
            return new HashSet<OrchestrationRuntimeStatus>();
        HashSet<OrchestrationRuntimeStatus> statuses = [.. names.Select(Parse)];
        if (statuses.Contains(OrchestrationRuntimeStatus.Terminated) && !Running.IsSubsetOf(statuses))
            throw new ArgumentException(
                "Dedupe statuses that list Terminated must list Running, Pending and Suspended too: a running instance is replaced by terminating it.",
                nameof(names));
        return statuses;
    }

    private static OrchestrationRuntimeStatus Parse(string name) =>
        Enum.TryParse(name, ignoreCase: true, out OrchestrationRuntimeStatus status) && Enum.IsDefined(status)
            ? status
            : throw new ArgumentException($"Invalid orchestration runtime status: '{name}' for deduplication.", nameof(name));
}
