namespace Tiering.EmbeddedHost;

/// <summary>Marks the <see cref="Durable.TaskOrchestrationContext"/> of an orchestration.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrchestrationTriggerAttribute : Attribute
{
    /// <summary>The name it is called by; null for the function's own.</summary>
    public string? Orchestration { get; set; }
}

/// <summary>Marks the input of an activity.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ActivityTriggerAttribute : Attribute
{
    /// <summary>The name it is called by; null for the function's own.</summary>
    public string? Activity { get; set; }
}

/// <summary>Marks a parameter that is given the <see cref="Durable.Client.DurableTaskClient"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DurableClientAttribute : Attribute;
