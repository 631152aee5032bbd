using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>Reads the statuses in which a start must not replace an instance.</summary>
internal static class DedupeStatuses
{
    private static readonly HashSet<OrchestrationRuntimeStatus> Running =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended];

    /// <param name="names">Names of statuses; null for the default: what has not ended is not replaced.</param>
    /// <exception cref="ArgumentException">A name is unknown, or Terminated is listed without every running status.</exception>
    public static IReadOnlySet<OrchestrationRuntimeStatus> Parse(IReadOnlyList<string>? names)
    {
        if (names is null)
            return Running;
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
