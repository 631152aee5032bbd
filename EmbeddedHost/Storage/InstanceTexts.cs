using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>What is said of instances in errors.</summary>
internal static class InstanceTexts
{
    public static string Exists(string id, OrchestrationRuntimeStatus status) =>
        $"An orchestration with the instance id '{id}' already exists. It is in the {status} state.";

    /// <summary>What the parent of a terminated instance is told.</summary>
    public static TaskFailureDetails Terminated(string id) =>
        new("OrchestrationTerminated", $"The orchestration '{id}' was terminated.", StackTrace: null, InnerFailure: null, Properties: null);

    public static string Missing(string id) => $"No orchestration has the instance id '{id}'.";
}
