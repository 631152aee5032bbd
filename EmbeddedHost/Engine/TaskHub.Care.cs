using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What is done about work that cannot be done: held with its reason, tried later, or tried alone.</summary>
internal sealed partial class TaskHub
{
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);
    private readonly ITimer stepWatch;
    private readonly Queue<Instance> parked = [];
    private Instance? suspect;
    private bool suspectAll;
    private bool watching;

    /// <summary>For how long the oldest running step has been computing.</summary>
    public TimeSpan OldestStep
    {
        get
        {
            lock (gate)
            {
                return instances.Values.Where(instance => instance.State == InstanceState.Stepping)
                    .Select(instance => clock.GetElapsedTime(instance.StepBegan)).DefaultIfEmpty().Max();
            }
        }
    }

    /// <summary>Sets an instance aside. What it was told is kept, and told again when it is released.</summary>
    private void GiveUp(Instance instance, List<Message> messages, string reason, Exception? error)
    {
        LogSetAside(error, NameOf(instance), reason);
        Metering.SetAside.Add(1);
        lock (gate)
        {
            PutBack(instance, messages);
            instance.IsSetAside = true;
            Unsuspect(instance);
        }
        commits.Submit(new SetAside(instance.Number, reason), _ =>
        {
            lock (gate)
                EndStep(instance);
        });
    }

    /// <summary>What logs call it: its id, or its number as long as it was not read.</summary>
    private static string NameOf(Instance instance) => instance.Stored?.Id ?? $"#{instance.Number}";

    /// <summary>Undoes the taking of messages for a step that came to nothing.</summary>
    private static void PutBack(Instance instance, List<Message> messages)
    {
        Message[] later = [.. instance.Inbox];
        instance.Inbox.Clear();
        foreach (Message message in messages.Concat(later))
            instance.Inbox.Enqueue(message);
        instance.Execution = null; // it was told what is not stored
        instance.Mismatch = null;
    }

    /// <summary>Lets an instance go on; one whose step has not ended goes on when it does.</summary>
    private void Release(long number)
    {
        Instance instance = Get(number);
        instance.IsSetAside = false;
        instance.IsSuspect = false;
        instance.Mismatch = null;
        instance.HeldActivities.ForEach(bringBack => bringBack());
        instance.HeldActivities.Clear();
        Wake(instance);
    }

    private void RetryLater(Instance instance)
    {
        lock (gate)
        {
            instance.Stored = null;
            instance.Execution = null;
            instance.Start = null;
            instance.IsParked = true;
            instance.IsWoken = true;
            EndStep(instance);
        }
        RetryLater(() =>
        {
            instance.IsParked = false;
            MakeReady(instance);
        });
    }

    private void RetryLater(Action action)
    {
        ITimer? timer = null;
        timer = clock.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                lock (gate)
                {
                    action();
                    Dispatch();
                }
            },
            null,
            BetweenReads,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts the step before it is done; those that were counted before are done one at a time, so that the guilty one shows.</summary>
    private void Suspect(Instance instance)
    {
        int before = instance.Stored!.Suspicions;
        if (before >= limits.Suspicions)
        {
            GiveUp(instance, [], $"The process ended {before} times in a row while it ran.", null);
            return;
        }
        lock (gate)
        {
            if (before > 0 && suspect is not null && suspect != instance)
            {
                instance.IsParked = true;
                parked.Enqueue(instance);
                EndStep(instance);
                return;
            }
            if (before > 0)
                suspect = instance;
        }
        commits.Submit(new CountSuspect(instance.Number, null), _ =>
        {
            lock (gate)
            {
                instance.IsSuspect = false;
                instance.IsWoken = true;
                EndStep(instance);
            }
        });
    }

    private void Unsuspect(Instance instance)
    {
        if (suspect != instance)
            return;
        suspect = null;
        if (parked.TryDequeue(out Instance? next))
        {
            next.IsParked = false;
            MakeReady(next);
        }
    }

    private async Task<bool> MayRunAgainAsync(PendingActivity activity)
    {
        if (activity.Suspicions >= limits.Suspicions)
        {
            Instance instance;
            lock (gate)
            {
                instance = Get(activity.Instance);
                instance.IsSetAside = true;
            }
            string reason = $"The process ended {activity.Suspicions} times in a row while its activity '{activity.Name}' (#{activity.TaskId}) ran.";
            LogSetAside(null, store.Find(activity.Instance)?.Id ?? $"#{activity.Instance}", reason);
            Metering.SetAside.Add(1);
            TaskCompletionSource stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
            commits.Submit(new SetAside(activity.Instance, reason), _ => stored.SetResult());
            await stored.Task;
            lock (gate)
                instance.HeldActivities.Add(() => Enqueue(activity with { Suspicions = 0, IsSuspect = false }));
            return false;
        }
        TaskCompletionSource counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        commits.Submit(new CountSuspect(activity.Instance, activity.TaskId), _ => counted.SetResult());
        await counted.Task;
        return true;
    }

    /// <summary>Looks at the running steps from time to time, for as long as there are any.</summary>
    private void WatchFromNow()
    {
        if (watching)
            return;
        watching = true;
        stepWatch.Change(BetweenLooks, Timeout.InfiniteTimeSpan);
    }

    private void WatchSteps()
    {
        List<Instance> stuck;
        lock (gate)
        {
            stuck = [.. instances.Values.Where(instance => instance is { State: InstanceState.Stepping, IsAbandoned: false }
                && clock.GetElapsedTime(instance.StepBegan) > limits.StepTimeout)];
            watching = stepping > stuck.Count && !closed;
            if (watching)
                stepWatch.Change(BetweenLooks, Timeout.InfiniteTimeSpan);
            foreach (Instance instance in stuck)
            {
                instance.IsAbandoned = true;
                instance.IsSetAside = true;
                stepping--; // its thread is lost; others go on in its place
            }
            Dispatch();
        }
        foreach (Instance instance in stuck)
        {
            string reason = $"Its orchestrator computed for more than {limits.StepTimeout} without waiting.";
            LogSetAside(null, NameOf(instance), reason);
            Metering.SetAside.Add(1);
            commits.Submit(new SetAside(instance.Number, reason), _ => { });
        }
    }
}
