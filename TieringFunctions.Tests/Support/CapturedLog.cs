using Microsoft.Extensions.Logging;

namespace Tiering.Tests.Support;

/// <summary>Keeps what is logged. Safe for concurrent use.</summary>
public class CapturedLog : ILogger
{
    private readonly List<string> lines = [];

    /// <summary>Level and message of each.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
            lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}

/// <summary>The same for what asks for a log of its own.</summary>
public sealed class CapturedLog<T> : CapturedLog, ILogger<T>;
