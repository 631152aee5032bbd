using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>What is said of instances in errors.</summary>
internal static class InstanceTexts
{
    public static string Exists(string id, OrchestrationRuntimeStatus status) =>
        $"An orchestration with the instance id '{id}' already exists. It is in the {status} state.";

    public static string Missing(string id) => $"No orchestration has the instance id '{id}'.";
}
