using Microsoft.Extensions.Logging;

namespace Tiering.EmbeddedHost.Engine;

internal sealed partial class TaskHub
{
    [LoggerMessage(1, LogLevel.Information,
        "The task hub is open: {Activities} activities, {Messages} messages and {Pending} pending instances to go on with; ended cleanly: {EndedCleanly}.")]
    private partial void LogStarted(int activities, int messages, int pending, bool endedCleanly);

    [LoggerMessage(2, LogLevel.Error, "Instance {InstanceId} is set aside: {Reason}")]
    private partial void LogSetAside(Exception? error, string instanceId, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Instance {InstanceId} cannot be read at present, and is tried again: {Reason}")]
    private partial void LogUnreadable(string instanceId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Timers cannot be read at present; the next look tries again: {Reason}")]
    private partial void LogTimersUnreadable(string reason);

    [LoggerMessage(4, LogLevel.Warning, "Activity {Activity} of instance {InstanceId} did not end within {Timeout}; the attempt has failed.")]
    private partial void LogActivityTimeout(string activity, string instanceId, TimeSpan timeout);
}
