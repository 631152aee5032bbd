using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Durable;

/// <summary>Makes loggers that write each message once, however often the orchestrator is replayed.</summary>
internal sealed class ReplaySafeLoggerFactory(TaskOrchestrationContext context, ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new ReplaySafeLogger(context, loggers.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Adding providers to the replay-safe logger factory is not supported.");

    public void Dispose()
    {
        // the loggers belong to the host
    }

    private sealed class ReplaySafeLogger(TaskOrchestrationContext context, ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (context.IsReplaying)
                return;
            using IDisposable? scope = logger.BeginScope(new LogScope(context.InstanceId, context.Name));
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
