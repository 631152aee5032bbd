namespace Tiering.EmbeddedHost.Durable.Client;

public enum OrchestrationRuntimeStatus
{
    Running,

    Completed,

    [Obsolete("Exists for compatibility only.")]
    ContinuedAsNew,

    Failed,

    [Obsolete("Exists for compatibility only.")]
    Canceled,

    Terminated,

    Pending,

    Suspended,
}
