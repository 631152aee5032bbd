using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>
/// Whether the engine gets on: unhealthy when the store takes nothing or a step does not end, degraded while an instance is set aside.
/// A service of the host, and registered as the health check <c>taskhub</c>.
/// </summary>
public sealed class TaskHubHealthCheck : IHealthCheck
{
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(20);
    private readonly TaskHubHost host;

    internal TaskHubHealthCheck(TaskHubHost host) => this.host = host;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    /// <summary>The same, for a page of one's own.</summary>
    public HealthCheckResult Check()
    {
        try
        {
            if (host.Hub.Trouble is { } trouble)
                return HealthCheckResult.Unhealthy(trouble);
            if (host.Hub.OldestStep is { } age && age > LongStep)
                return HealthCheckResult.Unhealthy($"An orchestrator has been computing for {age:g} without waiting.");
            return host.Store.List(new() { SetAside = true, Limit = 1 }) is [{ } held]
                ? HealthCheckResult.Degraded($"Instances are set aside; the first is '{held.Id}': {held.SetAside}")
                : HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is TaskHubUnavailableException or Storage.HubStatementException or ObjectDisposedException)
        {
            return HealthCheckResult.Unhealthy(error.Message, error);
        }
    }
}
