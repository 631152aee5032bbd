namespace Tiering.EmbeddedHost.Durable.Client;

/// <param name="Output">What the instance's output becomes.</param>
/// <param name="Recursive">Sub-orchestrations, too.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);
