using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// The engine. Instances move between four states: idle, ready, stepping (its code runs), committing (what it did becomes durable). Only
/// after the commit do its effects begin: activities run, others get its messages, waiters are told. So a crash loses nothing but work that
/// is done again.
/// </summary>
internal sealed partial class TaskHub : IDisposable
{
    /// <summary>For how long after a crash no start takes the short way.</summary>
    private static readonly TimeSpan Caution = TimeSpan.FromMinutes(1);

    private readonly ITaskHubStore store;
    private readonly ExecutionServices services;
    private readonly IActivityRunner activities;
    private readonly IWorkScheduler scheduler;
    private readonly TimeProvider clock;
    private readonly EngineLimits limits;
    private readonly ILogger logger;
    private readonly CommitQueue commits;
    private readonly Lock gate = new();
    private readonly Dictionary<long, Instance> instances = [];
    private readonly Queue<Instance> ready = [];
    private readonly LinkedList<Instance> kept = [];
    private readonly TimerQueue timers;
    private readonly CancellationTokenSource stopping = new();
    private readonly HubGauges gauges;
    private int stepping;
    private int committing;
    private long firstNew;
    private DateTime cautiousUntil;
    private bool started;
    private bool closed;

    public TaskHub(
        ITaskHubStore store,
        ExecutionServices services,
        IActivityRunner activities,
        IWorkScheduler scheduler,
        TimeProvider clock,
        EngineLimits limits,
        ILogger logger,
        Action wakeCommits)
    {
        this.store = store;
        this.services = services;
        this.activities = activities;
        this.scheduler = scheduler;
        this.clock = clock;
        this.limits = limits;
        this.logger = logger;
        commits = new(store, wakeCommits);
        timers = new(store);
        gauges = new(Measure);
        stepWatch = clock.CreateTimer(_ => WatchSteps(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timerWatch = clock.CreateTimer(_ => FireTimers(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the committing thread works on.</summary>
    public CommitQueue Commits => commits;

    private DateTime UtcNow => clock.GetUtcNow().UtcDateTime;

    /// <summary>Goes on with all that was left when the hub was last in use.</summary>
    public void Start()
    {
        Leftovers left = store.Open();
        firstNew = store.NextInstance();
        cautiousUntil = left.EndedCleanly ? DateTime.MinValue : UtcNow + Caution;
        lock (gate)
        {
            started = true;
            suspectAll = !left.EndedCleanly;
            foreach (long number in left.Pending)
                Wake(Get(number));
            foreach (Delivery delivery in left.Inboxes)
                Deliver(delivery);
            foreach (StoredActivity activity in left.Activities)
                Enqueue(new(activity.Instance, activity.TaskId, activity.Name) { Suspicions = activity.Suspicions, IsSuspect = suspectAll });
            timers.Load();
            ArmTimers();
            Dispatch();
        }
        LogStarted(left.Activities.Count, left.Inboxes.Count, left.Pending.Count, left.EndedCleanly);
    }

    /// <summary>
    /// Lets running activities end, for as long as <paramref name="patience"/> is not cancelled, and then stops. What did not end is done
    /// again at the next start.
    /// </summary>
    public async Task StopAsync(CancellationToken patience)
    {
        Task ended;
        lock (gate)
        {
            activitiesHeld = true;
            ended = ActivitiesEnded();
        }
        await stopping.CancelAsync();
        await Task.WhenAny(ended, Task.Delay(Timeout.Infinite, patience));
        Task quiet;
        lock (gate)
        {
            closed = true;
            quiet = StepsEnded();
        }
        await Task.WhenAny(quiet, Task.Delay(Timeout.Infinite, patience));
    }

    public void Dispose()
    {
        gauges.Dispose();
        timerWatch.Dispose();
        stepWatch.Dispose();
        stopping.Dispose();
    }

    private HubLoad Measure()
    {
        int live = CountLive();
        lock (gate)
        {
            TimeSpan lag = timers.Next is { } due && due < UtcNow ? UtcNow - due : TimeSpan.Zero;
            TimeSpan stepLag = ready.TryPeek(out Instance? next) ? clock.GetUtcNow() - next.ReadySince : TimeSpan.Zero;
            return new(live, stepLag, ready.Count, runningActivities, pendingActivities.Count, commits.Count, timers.Count, lag);
        }
    }

    private int CountLive()
    {
        try
        {
            return started && !closed ? store.CountLive() : 0;
        }
        catch (TaskHubUnavailableException)
        {
            return 0; // the health check tells of it
        }
    }

    private Instance Get(long number)
    {
        if (!instances.TryGetValue(number, out Instance? instance))
        {
            instance = new(number) { IsSuspect = suspectAll && number < firstNew };
            instances.Add(number, instance);
        }
        return instance;
    }

    private void Wake(Instance instance)
    {
        instance.IsWoken = true;
        MakeReady(instance);
    }

    private void Deliver(Delivery delivery) => Tell(Get(delivery.Instance), new(delivery.Message, delivery.Number));

    private void Tell(Instance instance, Message message)
    {
        instance.Inbox.Enqueue(message);
        MakeReady(instance);
    }

    private void MakeReady(Instance instance)
    {
        if (instance.State != InstanceState.Idle || !instance.CanStep)
            return;
        if (instance.Kept is { } place)
        {
            kept.Remove(place);
            instance.Kept = null;
        }
        instance.State = InstanceState.Ready;
        instance.ReadySince = clock.GetUtcNow();
        ready.Enqueue(instance);
    }

    /// <summary>Hands over as much as may be done at once.</summary>
    private void Dispatch()
    {
        while (!closed && stepping < limits.Orchestrators && ready.TryDequeue(out Instance? instance))
        {
            instance.State = InstanceState.Stepping;
            instance.StepBegan = clock.GetTimestamp();
            stepping++;
            WatchFromNow();
            scheduler.Run(() => Step(instance));
        }
        DispatchActivities();
    }

    /// <summary>What an instance becomes between two steps.</summary>
    private void Rest(Instance instance)
    {
        instance.State = InstanceState.Idle;
        if (instance.IsGone)
        {
            Forget(instance);
            return;
        }
        MakeReady(instance);
        if (instance.State == InstanceState.Ready || instance.MustStay)
            return;
        instance.Kept = kept.AddLast(instance);
        if (kept.Count > limits.CachedInstances)
            Evict(kept.First!.Value);
    }

    private void Evict(Instance instance)
    {
        kept.RemoveFirst();
        instance.Kept = null;
        instances.Remove(instance.Number);
    }

    private void Forget(Instance instance)
    {
        instance.IsGone = true;
        if (instance.Kept is { } place)
            kept.Remove(place);
        instance.Kept = null;
        if (instances.TryGetValue(instance.Number, out Instance? current) && current == instance)
            instances.Remove(instance.Number);
        timers.RemoveAll(instance.Number);
    }
}
