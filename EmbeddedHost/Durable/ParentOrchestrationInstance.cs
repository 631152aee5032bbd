namespace Tiering.EmbeddedHost.Durable;

/// <summary>The orchestration that waits for this one.</summary>
public record ParentOrchestrationInstance(TaskName Name, string InstanceId);
