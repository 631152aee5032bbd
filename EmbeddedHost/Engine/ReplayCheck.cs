namespace Tiering.EmbeddedHost.Engine;

/// <summary>Compares what an orchestrator does in a replay with what its history says it did.</summary>
internal static class ReplayCheck
{
    /// <exception cref="NonDeterministicOrchestrationException">They differ; the message names both.</exception>
    public static void Match(int step, IReadOnlyList<HistoryEvent> expected, IReadOnlyList<OrchestratorAction> found)
    {
        for (int i = 0; i < Math.Max(expected.Count, found.Count); i++)
        {
            HistoryEvent? then = i < expected.Count ? expected[i] : null;
            HistoryEvent? now = i < found.Count ? found[i].ToHistory() : null;
            if (!Same(then, now))
                throw new NonDeterministicOrchestrationException(
                    $"The orchestrator no longer does what its history says. In step {step} the history has {Describe(then)}; "
                    + $"this replay came to {Describe(now)}. Was its code changed while the instance was running, or does it use "
                    + "something that differs from run to run (time, random numbers, settings)?");
        }
    }

    public static string Describe(HistoryEvent? item) => item switch
    {
        null => "nothing more",
        ActivityScheduled activity => $"a call of activity '{activity.Name}' (#{activity.TaskId})",
        TimerCreated timer => $"a timer (#{timer.TaskId})",
        ChildScheduled child => $"a call of orchestration '{child.Name}' as '{child.InstanceId}' (#{child.TaskId})",
        EventSent sent => $"an event '{sent.Name}' to '{sent.Target}' (#{sent.TaskId})",
        _ => item.GetType().Name,
    };

    // The due time of a timer follows from the history's own times; a changed interval is no reason to fail a running instance.
    private static bool Same(HistoryEvent? then, HistoryEvent? now) => (then, now) switch
    {
        (ActivityScheduled a, ActivityScheduled b) => a.TaskId == b.TaskId && SameName(a.Name, b.Name),
        (TimerCreated a, TimerCreated b) => a.TaskId == b.TaskId,
        (ChildScheduled a, ChildScheduled b) => a.TaskId == b.TaskId && SameName(a.Name, b.Name) && a.InstanceId == b.InstanceId,
        (EventSent a, EventSent b) => a.TaskId == b.TaskId && a.Target == b.Target && SameName(a.Name, b.Name),
        _ => false,
    };

    private static bool SameName(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
