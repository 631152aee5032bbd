using System.Runtime.ExceptionServices;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>A failed attempt on its way to the orchestrator, which sees a <see cref="TaskFailedException"/>.</summary>
internal sealed class TaskFault(int taskId, TaskFailureDetails failure, bool canRetry) : Exception(failure.ErrorMessage)
{
    public int TaskId { get; } = taskId;

    public TaskFailureDetails Failure { get; } = failure;

    public bool CanRetry { get; } = canRetry;

    /// <summary>What the orchestrator sees of it.</summary>
    /// <param name="name">What was called.</param>
    /// <param name="isActivity">Whether it was an activity; only then there is an inner exception, as in the original engine.</param>
    public TaskFailedException ToException(TaskName name, bool isActivity)
    {
        if (!isActivity)
            return new(name, TaskId, Failure, innerException: null);
        DurableTask.Core.Exceptions.TaskFailedException inner = new(name, TaskId, Failure);
        return new(name, TaskId, Failure, ExceptionDispatchInfo.SetCurrentStackTrace(inner));
    }
}
