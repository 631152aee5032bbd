using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Steps: tell an instance what came for it, and commit what it does.</summary>
internal sealed partial class TaskHub
{
    /// <summary>Messages of one step; more wait for the next.</summary>
    private const int MessagesPerStep = 1_000;

    private TaskCompletionSource? stepsEnded;

    private void Step(Instance instance)
    {
        List<Message> messages = [];
        try
        {
            if (!Prepare(instance))
                return;
            messages = TakeMessages(instance);
            CommitStep? commit = Run(instance, messages);
            lock (gate)
            {
                if (instance.IsAbandoned)
                {
                    PutBack(instance, messages); // it ended after all, but too late: it is told again if it is released
                    EndStep(instance);
                    instance.IsAbandoned = false;
                    return;
                }
                if (commit is null || instance.IsGone)
                {
                    EndStep(instance);
                    return;
                }
                ReleaseSlot(instance);
                instance.State = InstanceState.Committing;
                committing++;
                commits.Submit(commit, result => AfterCommit(instance, commit, messages, result));
                Dispatch();
            }
        }
        catch (TaskHubUnavailableException unavailable)
        {
            LogUnreadable(NameOf(instance), unavailable.Message);
            RetryLater(instance);
        }
        catch (Exception error) // a defect, or a damaged row: this instance alone is held, with the reason
        {
            GiveUp(instance, messages, error is HistoryCorruptException ? error.Message : $"{error.GetType().FullName}: {error.Message}", error);
        }
    }

    /// <summary>Reads the instance if it is not known; returns false when there is nothing to step.</summary>
    private bool Prepare(Instance instance)
    {
        if (instance.Stored is null)
        {
            StoredInstance? stored = store.Find(instance.Number);
            lock (gate)
            {
                if (stored is null or { HasEnded: true })
                {
                    instance.IsGone = true;
                    EndStep(instance);
                    return false;
                }
                instance.Stored = stored;
                instance.Status = stored.Status;
                instance.Generation = stored.Generation;
                instance.CustomStatus = new(stored.CustomStatus);
                instance.IsSetAside = stored.SetAside is not null;
            }
        }
        if (instance is { Start: null, Execution: null, IsSetAside: false })
            ReadHistory(instance);
        if (instance is { IsSuspect: true, IsSetAside: false })
        {
            Suspect(instance);
            return false;
        }
        lock (gate)
        {
            if (instance.CanStep)
                return true;
            EndStep(instance);
            return false;
        }
    }

    private void ReadHistory(Instance instance)
    {
        IReadOnlyList<byte[]> rows = store.ReadHistory(instance.Number);
        if (rows.Count == 0)
            throw new HistoryCorruptException("the history has no first row");
        HistoryStep start = HistoryCodec.DecodeStep(rows[0]);
        instance.Rows = rows.Count;
        instance.LastTime = start.Time;
        if (rows.Count == 1)
        {
            instance.Start = start;
            return;
        }
        OrchestrationExecution execution = NewExecution(instance);
        instance.Execution = execution;
        for (int i = 1; i < rows.Count; i++)
        {
            HistoryStep step = HistoryCodec.DecodeStep(rows[i]);
            instance.LastTime = step.Time;
            if (instance.Mismatch is not null)
                continue;
            try
            {
                execution.Replay(i, i == 1 ? step with { Told = [.. start.Told, .. step.Told] } : step);
            }
            catch (NonDeterministicOrchestrationException mismatch)
            {
                instance.Mismatch = mismatch;
            }
        }
    }

    private OrchestrationExecution NewExecution(Instance instance)
    {
        StoredInstance stored = instance.Stored!;
        ParentOrchestrationInstance? parent = stored.Parent is { } link ? new(link.Name, link.Id) : null;
        int generation = instance.Generation;
        return new(
            new(stored.Id, stored.Name, stored.Version, parent),
            services,
            what => Fault(instance, generation, what));
    }

    private void Fault(Instance instance, int generation, string what)
    {
        lock (gate)
        {
            if (instance.IsGone || instance.Generation != generation)
                return;
            Tell(instance, new(new ExecutionFaulted(ForeignAwaits.Failure(what)), Generation: generation));
            Dispatch();
        }
    }

    private List<Message> TakeMessages(Instance instance)
    {
        List<Message> messages = [];
        lock (gate)
        {
            instance.IsWoken = false;
            while (messages.Count < MessagesPerStep && instance.Inbox.TryDequeue(out Message message))
            {
                if (message.Generation is null || message.Generation == instance.Generation)
                    messages.Add(message);
            }
        }
        return messages;
    }

    /// <summary>Null when nothing was left to tell.</summary>
    private CommitStep? Run(Instance instance, List<Message> messages)
    {
        bool starts = instance.Start is not null && instance.MayStart;
        if (messages.Count == 0 && !starts && instance.Mismatch is null)
            return null;
        if (!instance.IsSetAside && messages.Select(message => message.Event).OfType<Unreadable>().FirstOrDefault() is { } unreadable)
            throw new HistoryCorruptException(unreadable.Reason);
        DateTime time = TimeOf(instance, messages);
        StepResult result;
        IReadOnlyList<HistoryEvent> told;
        Ended? end = Ending(messages);
        if (instance.IsSetAside && end is null)
            return null;
        if (instance.IsSetAside || instance.Mismatch is not null) // its code cannot be run
        {
            told = [.. messages.Select(message => message.Event)];
            result = new(told, [], [], null, Suspended: false, (Outcome?)end ?? new Faulted(TaskFailureDetails.OfChain(instance.Mismatch!)));
        }
        else if (starts)
        {
            HistoryStep start = instance.Start!;
            instance.Execution ??= NewExecution(instance);
            result = instance.Execution.Step(time, [.. start.Told, .. messages.Select(message => message.Event)]);
            told = [.. result.Told.Skip(start.Told.Count)];
        }
        else
        {
            instance.Execution ??= NewExecution(instance);
            result = instance.Execution.Step(time, [.. messages.Select(message => message.Event)]);
            told = result.Told;
        }
        return StepCommits.Build(instance, messages, time, told, result, store);
    }

    private static Ended? Ending(List<Message> messages) =>
        messages.Select(message => message.Event).OfType<ExecutionTerminated>().FirstOrDefault() is { } end ? new(end.Output, end.Recursive) : null;

    /// <summary>An orchestrator's time never goes back, and is never before a timer that has fired.</summary>
    private DateTime TimeOf(Instance instance, List<Message> messages)
    {
        DateTime time = UtcNow > instance.LastTime ? UtcNow : instance.LastTime;
        foreach (Message message in messages)
        {
            if (message.Due > time)
                time = message.Due;
        }
        return time;
    }

    private void AfterCommit(Instance instance, CommitStep commit, List<Message> messages, OperationResult result)
    {
        if (result is Refused refused)
        {
            GiveUp(instance, messages, $"Its step cannot be stored: {refused.Error.Message}", refused.Error);
            return;
        }
        lock (gate)
        {
            if (result is StepCommitted committed && !instance.IsGone)
                TakeEffect(instance, commit, committed);
            else
                instance.IsGone = true;
            EndStep(instance);
        }
        if (commit.StatusChanges || commit.Final)
            TellWaiters(instance.Stored!.Id);
    }

    private void TakeEffect(Instance instance, CommitStep commit, StepCommitted committed)
    {
        instance.Status = commit.Status;
        instance.CustomStatus = commit.CustomStatus ?? instance.CustomStatus;
        instance.LastTime = commit.Now;
        Unsuspect(instance);
        Metering.Steps.Add(1);
        instance.Start = null;
        if (commit.Row is { } row)
            instance.Rows = row.Number + 1;
        foreach (NewActivity activity in commit.Activities)
            Enqueue(new(instance.Number, activity.TaskId, activity.Name)
            {
                Generation = commit.Generation, Input = activity.Input, InstanceId = instance.Stored!.Id, Trace = instance.Stored.Trace, HasInput = true,
            });
        foreach (int task in commit.EndedTimers)
            timers.Remove(instance.Number, task);
        foreach (NewTimer timer in commit.Timers)
            timers.Add(new(instance.Number, timer.TaskId, timer.Due));
        if (commit.Timers.Count > 0)
            ArmTimers();
        foreach (long replaced in committed.Replaced)
            Drop(replaced);
        foreach (NewInstance child in committed.Started)
            Begin(child);
        foreach (Delivery delivery in committed.Delivered)
            Deliver(delivery);
        if (commit.Final)
        {
            instance.IsGone = true;
            Metering.Ended(instance.Stored!, commit.Status, commit.Failure);
        }
        if (commit.NextGeneration is { } next)
        {
            instance.Generation++;
            instance.Start = next.Start;
            instance.Stored = instance.Stored! with { Version = next.Version };
            instance.Execution = null;
            instance.Rows = 1;
        }
    }

    private void EndStep(Instance instance)
    {
        if (instance.State == InstanceState.Committing)
            committing--;
        else
            ReleaseSlot(instance);
        Rest(instance);
        Dispatch();
        if (closed && stepping + committing == 0)
            stepsEnded?.TrySetResult();
    }

    private void ReleaseSlot(Instance instance)
    {
        if (instance.State == InstanceState.Stepping && !instance.IsAbandoned)
            stepping--;
    }

    private Task StepsEnded()
    {
        if (stepping + committing == 0)
            return Task.CompletedTask;
        stepsEnded ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return stepsEnded.Task;
    }

    private void Drop(long number)
    {
        if (instances.TryGetValue(number, out Instance? instance))
            Forget(instance);
        else
            timers.RemoveAll(number);
    }

    private void Begin(NewInstance child)
    {
        Instance instance = Create(child);
        if (child.StartAt is { } due)
        {
            timers.Add(new(child.Number, StoredTimer.Start, due));
            ArmTimers();
        }
        MakeReady(instance);
    }

    /// <summary>An instance as it is after its start, without a look into the store.</summary>
    private Instance Create(NewInstance start)
    {
        Instance instance = new(start.Number)
        {
            Stored = new()
            {
                Number = start.Number, Id = start.Id, Name = start.Name, Version = start.Version, Status = OrchestrationRuntimeStatus.Pending,
                Generation = 0, Created = start.Created, Updated = start.Created, Parent = start.Parent, Trace = start.Trace, Tags = start.Tags,
                StartDue = start.StartAt,
            },
            Status = OrchestrationRuntimeStatus.Pending,
            Start = start.Start,
            LastTime = start.Start.Time,
            Rows = 1,
        };
        instances.Add(start.Number, instance);
        return instance;
    }
}
