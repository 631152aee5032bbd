using System.Text.Json;
using Tiering.Core;

namespace Tiering.Functions.Triggers;

/// <summary>How far an orchestration is, on either host.</summary>
public enum InstanceStatus { Pending, Running, Suspended, Completed, Failed, Terminated }

/// <summary>What <c>/api</c> tells of an orchestration.</summary>
/// <param name="Id">Its id: of a transfer and of a source deletion also the name that a busy project's claim shows.</param>
/// <param name="Name">The orchestrator's name.</param>
/// <param name="Status">How far it is.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last took a step.</param>
/// <param name="CustomStatus">What it shows to those who watch it; null for nothing.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record InstanceView(
    string Id, string Name, InstanceStatus Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, JsonElement? CustomStatus, string? Failure)
{
    private const int LongestReason = 2000;

    public static InstanceView Of(OrchestrationMetadata instance) => new(
        instance.InstanceId,
        instance.Name,
        StatusOf(instance.RuntimeStatus),
        instance.CreatedAt,
        instance.LastUpdatedAt,
        Parse(instance.SerializedCustomStatus),
        ReasonOf(instance));

    /// <summary>Why it failed; null when it did not. To be asked of an instance that was got with its inputs and outputs: without them, Azure tells no failure.</summary>
    public static string? ReasonOf(OrchestrationMetadata instance) => instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed
        && (instance.FailureDetails?.ErrorMessage ?? instance.SerializedOutput) is { } reason // Azure Storage keeps it as the output
            ? SecretRedactor.Excerpt(reason, LongestReason)
            : null;

    public static InstanceStatus StatusOf(OrchestrationRuntimeStatus status) =>
        Enum.TryParse(status.ToString(), out InstanceStatus known) ? known : InstanceStatus.Running; // the others exist for old versions only

    private static JsonElement? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
