using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Finds out what has to be undone, and what has to be done again, to rewind a failed instance.</summary>
internal static class Rewinding
{
    /// <summary>
    /// The history is cut before the step that was told of the last failure, or, when there was none, before the last step. What is open at
    /// that point is done again if it failed or was not told, and told again if it was.
    /// </summary>
    public static RewindInstance Plan(StoredInstance stored, ITaskHubStore store, ExecutionServices services, DateTime now)
    {
        List<HistoryStep> steps = [.. store.ReadHistory(stored.Number).Select(row => HistoryCodec.DecodeStep(row))];
        int cut = steps.FindLastIndex(step => step.Told.Any(item => item is TaskFailed));
        cut = cut < 1 ? steps.Count - 1 : cut;

        Dictionary<int, OrchestratorAction> open = FindOpen(stored, services, steps, Math.Max(cut, 1));
        List<HistoryEvent> again = [];
        foreach (HistoryEvent item in steps.Skip(Math.Max(cut, 1)).SelectMany(step => step.Told))
        {
            bool tell = item switch
            {
                TaskCompleted completed => open.Remove(completed.TaskId),
                TimerFired fired => open.Remove(fired.TaskId),
                EventRaised or ExecutionSuspended or ExecutionResumed => true,
                _ => false,
            };
            if (tell)
                again.Add(item);
        }
        return new(
            stored.Number,
            Math.Max(cut, 1),
            [.. open.Values.OfType<ScheduleActivity>().Select(action => new NewActivity(action.Id, action.Name, action.Input))],
            [.. open.Values.OfType<CreateTimer>().Select(action => new NewTimer(action.Id, action.Due))],
            [.. open.Values.OfType<ScheduleChild>().Select(action => Child(stored, action, store, now))],
            again,
            now);
    }

    private static Dictionary<int, OrchestratorAction> FindOpen(StoredInstance stored, ExecutionServices services, List<HistoryStep> steps, int cut)
    {
        Dictionary<int, OrchestratorAction> open = [];
        IReadOnlyList<StepResult> results = Replaying.Replay(stored, steps[..cut], services);
        for (int i = 0; i < results.Count; i++)
        {
            foreach (OrchestratorAction action in results[i].Actions)
                open[action.Id] = action;
            foreach (int timer in results[i].CancelledTimers)
                open.Remove(timer);
            foreach (HistoryEvent item in steps[i + 1].Told)
                open.Remove(TaskOf(item));
        }
        return open;
    }

    private static int TaskOf(HistoryEvent item) => item switch
    {
        TaskCompleted completed => completed.TaskId,
        TaskFailed failed => failed.TaskId,
        TimerFired fired => fired.TaskId,
        _ => -1,
    };

    private static NewInstance Child(StoredInstance parent, ScheduleChild action, ITaskHubStore store, DateTime now) => new(
        store.NextInstance(), action.InstanceId, action.Name, action.Version, now, new(now, [new ExecutionStarted(action.Input)], []))
    {
        Parent = new(parent.Number, action.Id, parent.Id, parent.Name),
        Tags = action.Tags is null ? null : new Dictionary<string, string>(action.Tags),
        Trace = parent.Trace,
    };
}
