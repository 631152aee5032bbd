using Tiering.EmbeddedHost.Durable;

namespace DurableTask.Core.Exceptions;

/// <summary>
/// The inner exception of a <see cref="Tiering.EmbeddedHost.Durable.TaskFailedException"/> that comes of an activity. It has the name that it has
/// in the original engine, because names of types are part of failure details.
/// </summary>
internal sealed class TaskFailedException(string name, int scheduleId, TaskFailureDetails failure) : Exception(failure.ErrorMessage)
{
    public TaskFailureDetails Failure => failure;

    /// <summary>What failure details say of it.</summary>
    public string Description => $"Task '{name}' (#{scheduleId}) failed with an unhandled exception: {failure.ErrorMessage}";
}
