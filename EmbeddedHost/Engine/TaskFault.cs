using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>A failed attempt on its way to the orchestrator, which sees a <see cref="TaskFailedException"/>.</summary>
internal sealed class TaskFault(int taskId, TaskFailureDetails failure, bool canRetry) : Exception(failure.ErrorMessage)
{
    public int TaskId { get; } = taskId;

    public TaskFailureDetails Failure { get; } = failure;

    public bool CanRetry { get; } = canRetry;
}
