using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Turns what came of a step into what the store has to do.</summary>
internal static class StepCommits
{
    public static CommitStep Build(
        Instance instance,
        List<Message> messages,
        DateTime time,
        IReadOnlyList<HistoryEvent> told,
        StepResult result,
        ITaskHubStore store)
    {
        StoredInstance stored = instance.Stored!;
        NextGeneration? next = (result.Outcome as Continued)?.Next;
        bool final = result.Outcome is not null and not Continued;
        OrchestrationRuntimeStatus status = StatusAfter(instance, result);
        HashSet<int> cancelled = [.. result.CancelledTimers];
        List<int> endedTimers = [.. Ended(messages, MessageOrigin.Timer), .. cancelled];
        if (stored.StartDue is not null && instance.Start is not null)
            endedTimers.Add(StoredTimer.Start);

        return new()
        {
            Instance = instance.Number,
            Generation = instance.Generation,
            Status = status,
            StatusChanges = status != instance.Status,
            Now = time,
            Row = next is null && (told.Count > 0 || result.Actions.Count > 0 || instance.Start is not null) ? (instance.Rows, new(time, told, [.. result.Actions.Select(action => action.ToHistory())])) : null,
            NextGeneration = next is null ? null : (new(time, [new ExecutionStarted(next.Input), .. next.Events], []), next.Version ?? stored.Version),
            CustomStatus = result.Status is { } custom && custom != instance.CustomStatus ? custom : null,
            Output = Output(result.Outcome),
            Failure = (result.Outcome as Faulted)?.Failure,
            Messages = [.. messages.Where(message => message.InboxNumber is not null).Select(message => message.InboxNumber!.Value)],
            EndedActivities = [.. Ended(messages, MessageOrigin.Activity)],
            EndedTimers = endedTimers,
            Activities = [.. final ? [] : result.Actions.OfType<ScheduleActivity>().Select(action => new NewActivity(action.Id, action.Name, action.Input))],
            Timers = [.. final ? [] : result.Actions.OfType<CreateTimer>().Where(action => !cancelled.Contains(action.Id))
                .Select(action => new NewTimer(action.Id, action.Due))],
            Children = [.. final ? [] : result.Actions.OfType<ScheduleChild>().Select(action => Child(instance, action, time, store))],
            Outgoing = [.. Outgoing(stored, result)],
            ToChildren = result.Outcome is Ended { Recursive: true } end ? new ExecutionTerminated(end.Output, Recursive: true) : null,
            Final = final,
        };
    }

    private static OrchestrationRuntimeStatus StatusAfter(Instance instance, StepResult result) => result.Outcome switch
    {
        Succeeded => OrchestrationRuntimeStatus.Completed,
        Faulted => OrchestrationRuntimeStatus.Failed,
        Engine.Ended => OrchestrationRuntimeStatus.Terminated,
        _ when result.Suspended => OrchestrationRuntimeStatus.Suspended,
        _ when instance.Start is not null && !instance.MayStart => OrchestrationRuntimeStatus.Pending,
        _ => OrchestrationRuntimeStatus.Running,
    };

    private static string? Output(Outcome? outcome) => outcome switch
    {
        Succeeded succeeded => succeeded.Output,
        Engine.Ended ended => ended.Output,
        _ => null,
    };

    private static IEnumerable<int> Ended(List<Message> messages, MessageOrigin origin) => messages
        .Where(message => message.Origin == origin)
        .Select(message => message.Event switch
        {
            TaskCompleted completed => completed.TaskId,
            TaskFailed failed => failed.TaskId,
            TimerFired fired => fired.TaskId,
            _ => throw new InvalidOperationException($"{message.Event.GetType().Name} ends no task."),
        });

    private static NewInstance Child(Instance parent, ScheduleChild action, DateTime time, ITaskHubStore store) => new(
        store.NextInstance(), action.InstanceId, action.Name, action.Version, time, new(time, [new ExecutionStarted(action.Input)], []))
    {
        Parent = new(parent.Number, action.Id, parent.Stored!.Id, parent.Stored.Name),
        Tags = action.Tags is null ? null : new Dictionary<string, string>(action.Tags),
        Trace = parent.Stored.Trace,
    };

    private static IEnumerable<Outgoing> Outgoing(StoredInstance stored, StepResult result)
    {
        foreach (SendEvent sent in result.Actions.OfType<SendEvent>())
            yield return new(sent.Target, null, new EventRaised(sent.Name, sent.Payload));
        if (stored.Parent is { } parent && Answer(stored, parent.TaskId, result.Outcome) is { } answer)
            yield return new(null, parent.Number, answer);
    }

    private static HistoryEvent? Answer(StoredInstance stored, int task, Outcome? outcome) => outcome switch
    {
        Succeeded succeeded => new TaskCompleted(task, succeeded.Output),
        Faulted faulted => new TaskFailed(task, faulted.Failure, CanRetry: faulted.Failure.ErrorType != "OrchestratorTaskNotFound"),
        Engine.Ended => new TaskFailed(task, InstanceTexts.Terminated(stored.Id), CanRetry: true),
        _ => null,
    };
}
