using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What is said of orchestrators that break the rule of awaiting only what comes from their context.</summary>
internal static class ForeignAwaits
{
    public static string Message(string what) =>
        $"{what} An orchestrator is replayed, so it may await only tasks of its TaskOrchestrationContext: no Task.Run, Task.Delay, "
        + "ConfigureAwait(false), HTTP or file access. Do such work in an activity.";

    public static TaskFailureDetails Failure(string what) =>
        new(typeof(ForeignAwaitException).FullName!, Message(what), StackTrace: null, InnerFailure: null, Properties: null);
}
