using System.Globalization;
using Microsoft.Extensions.Logging;
using Tiering.Core;

namespace Tiering.Agent;

/// <summary>One line an event on standard error, which the job host keeps in <c>agent.log</c>. A logging framework would cost more than it logs.</summary>
internal sealed class StandardErrorLog(TimeProvider clock) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():O} {logLevel} {SecretRedactor.Redact(text)}"));
        }
    }
}
