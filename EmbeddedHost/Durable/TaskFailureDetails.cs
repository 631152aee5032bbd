using System.Diagnostics.CodeAnalysis;

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
        return Of(exception);
    }

    [return: NotNullIfNotNull(nameof(exception))]
    private static TaskFailureDetails? Of(Exception? exception) => exception is null ? null : new(
        exception.GetType().FullName!,
        exception.Message,
        exception.StackTrace,
        exception is TaskFailedException { InnerException: null } failed ? failed.FailureDetails : Of(exception.InnerException),
        Properties: null);
}
