using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>An instance that the engine does not go on with until it is released.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Name">Its orchestration.</param>
/// <param name="Status">What it was doing.</param>
/// <param name="LastUpdatedAt">When its last step was stored.</param>
/// <param name="Reason">Why.</param>
public sealed record SetAsideInstance(string InstanceId, string Name, OrchestrationRuntimeStatus Status, DateTimeOffset LastUpdatedAt, string Reason)
{
    internal static readonly OrchestrationRuntimeStatus[] Live =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended];

    internal static SetAsideInstance Of(StoredInstance instance) =>
        new(instance.Id, instance.Name, instance.Status, new(instance.Updated), instance.SetAside ?? "");
}
