using System.Diagnostics.CodeAnalysis;
using CoreTaskFailedException = DurableTask.Core.Exceptions.TaskFailedException;

namespace Tiering.EmbeddedHost.Durable;

/// <summary>An exception as it is kept in a history.</summary>
/// <param name="ErrorType">The exception's full type name.</param>
/// <param name="ErrorMessage">Its message.</param>
/// <param name="StackTrace">Where it was thrown, or null.</param>
/// <param name="InnerFailure">Its cause, or null.</param>
/// <param name="Properties">More about it, or null.</param>
public record TaskFailureDetails(
    string ErrorType,
    string ErrorMessage,
    string? StackTrace,
    TaskFailureDetails? InnerFailure,
    IDictionary<string, object?>? Properties)
{
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    /// <summary>Whether the error is a <typeparamref name="T"/> or derives from it; its causes are not looked at.</summary>
    public bool IsCausedBy<T>()
        where T : Exception => IsCausedBy(typeof(T));

    /// <inheritdoc cref="IsCausedBy{T}"/>
    /// <exception cref="ArgumentException">Not a type of exception.</exception>
    public bool IsCausedBy(Type targetBaseExceptionType)
    {
        ArgumentNullException.ThrowIfNull(targetBaseExceptionType);
        if (!typeof(Exception).IsAssignableFrom(targetBaseExceptionType))
            throw new ArgumentException($"The type {targetBaseExceptionType} is not an exception type.", nameof(targetBaseExceptionType));
        return ExceptionTypes.Find(ErrorType, targetBaseExceptionType.Assembly) is { } type && targetBaseExceptionType.IsAssignableFrom(type);
    }

    public static TaskFailureDetails FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is CoreTaskFailedException core ? core.Failure : new(
            exception.GetType().ToString(),
            exception.Message,
            exception.StackTrace,
            exception.InnerException is { } inner ? FromException(inner) : null,
            Properties: null);
    }

    /// <summary>What an orchestrator's unhandled exception is kept as: a failed call has what failed as its cause.</summary>
    internal static TaskFailureDetails OfOrchestrator(Exception exception) => exception is TaskFailedException failed
        ? new(failed.GetType().FullName!, failed.Message, failed.StackTrace, failed.FailureDetails, Properties: null)
        : OfChain(exception);

    /// <summary>What any other exception is kept as: itself and its inner exceptions, by their full names.</summary>
    [return: NotNullIfNotNull(nameof(exception))]
    internal static TaskFailureDetails? OfChain(Exception? exception) => exception is null
        ? null
        : new(exception.GetType().FullName!, MessageOf(exception), exception.StackTrace, OfChain(exception.InnerException), Properties: null);

    private static string MessageOf(Exception exception)
    {
        try
        {
            return exception is CoreTaskFailedException core ? core.Description : exception.Message;
        }
        catch (Exception broken) // an exception of the application, which may do anything when it is asked
        {
            return $"Its message cannot be read: {broken.GetType().FullName}.";
        }
    }
}
