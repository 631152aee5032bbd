namespace Tiering.EmbeddedHost.Engine;

/// <summary>A row of the task hub is not what was written.</summary>
public sealed class HistoryCorruptException : Exception
{
    public HistoryCorruptException(string what)
        : base($"A row of the task hub cannot be read: {what}.")
    {
    }
}

/// <summary>An orchestrator did not do in a replay what its history says it did.</summary>
public sealed class NonDeterministicOrchestrationException : Exception
{
    public NonDeterministicOrchestrationException(string message)
        : base(message)
    {
    }
}

/// <summary>An orchestrator waited for something that did not come from its context, or used the context from another thread.</summary>
public sealed class ForeignAwaitException : InvalidOperationException
{
    public ForeignAwaitException(string message)
        : base(message)
    {
    }
}

/// <summary>The task hub did not take or give something; the same call may succeed later.</summary>
public sealed class TaskHubUnavailableException : Exception
{
    public TaskHubUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
