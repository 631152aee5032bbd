using System.Globalization;
using System.Text;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Tests.EmbeddedHost.Simulation;

/// <summary>The power went out.</summary>
internal sealed class SimulatedCrash : Exception;

/// <summary>
/// A task hub in memory that survives the engine above it. A group is written first and synchronized then: when the power goes out in
/// between, it is lost.
/// </summary>
internal sealed class SimulatedStore : ITaskHubStore
{
    private readonly SortedDictionary<long, Row> instances = [];
    private readonly SortedDictionary<(long Instance, long Number), byte[]> inbox = [];
    private readonly SortedDictionary<(long Instance, int Task), (string Name, string? Input, int Suspicions)> activities = [];
    private readonly SortedDictionary<(long Instance, int Task), DateTime> timers = [];
    private readonly Dictionary<string, ScheduleStatus> schedules = [];
    private long lastInstance;
    private long lastMessage;
    private bool clean = true;

    /// <summary>Asked before each commit: null to go on, false to lose it, true to lose only the news of it.</summary>
    public Func<bool?> Crash { get; set; } = () => null;

    public IEnumerable<Row> Instances => instances.Values;

    public bool HasActivity(long instance, int task) => activities.ContainsKey((instance, task));

    /// <summary>All that is not done, for a person to read.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        foreach (Row row in instances.Values.Where(row => !row.HasEnded))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.Number} {row.Id}: {row.Status}, generation {row.Generation}");
            foreach (string line in HistoryText.Of(row.History))
                text.AppendLine(CultureInfo.InvariantCulture, $"  {line}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"inbox: {string.Join("; ", inbox.Select(item => $"{item.Key} {HistoryCodec.DecodeMessage(item.Value)}"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"activities: {string.Join("; ", activities)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"timers: {string.Join("; ", timers)}");
        return text.ToString();
    }

    public long NextInstance() => ++lastInstance;

    public Leftovers Open()
    {
        bool ended = clean;
        clean = false;
        return new(
            ended,
            [.. instances.Values.Where(row => !row.HasEnded && row.History.Count == 1 && row.SetAside is null && !timers.ContainsKey((row.Number, StoredTimer.Start)))
                .Select(row => row.Number)],
            [.. activities.Select(item => new StoredActivity(item.Key.Instance, item.Key.Task, item.Value.Name, item.Value.Suspicions))],
            [.. inbox.OrderBy(item => item.Key.Number).Select(item => new Delivery(item.Key.Instance, item.Key.Number, HistoryCodec.DecodeMessage(item.Value)))]);
    }

    public IReadOnlyList<OperationResult> Commit(IReadOnlyList<StoreOperation> group)
    {
        bool? crash = Crash();
        if (crash == false)
            throw new SimulatedCrash();
        OperationResult[] results = [.. group.Select(Apply)];
        return crash == true ? throw new SimulatedCrash() : results;
    }

    public void Close() => clean = true;

    public StoredInstance? Find(long instance) => instances.TryGetValue(instance, out Row? row) ? Describe(row) : null;

    public StoredInstance? Find(string id) => ById(id) is { } row ? Describe(row) : null;

    public IReadOnlyList<byte[]> ReadHistory(long instance) => instances.TryGetValue(instance, out Row? row) ? [.. row.History] : [];

    public byte[]? ReadStart(long instance) => instances.TryGetValue(instance, out Row? row) ? row.History[0] : null;

    public string? ReadActivityInput(long instance, int taskId) => activities.TryGetValue((instance, taskId), out var activity) ? activity.Input : null;

    public IReadOnlyList<StoredInstance> List(InstanceFilter filter) => [.. instances.Values
        .Where(row => filter.After is null || row.Number > filter.After.Number)
        .Where(row => filter.CreatedFrom is null || row.Created >= filter.CreatedFrom)
        .Where(row => filter.CreatedTo is null || row.Created <= filter.CreatedTo)
        .Where(row => filter.Statuses is not { Count: > 0 } || filter.Statuses.Contains(row.Status))
        .Where(row => filter.Prefix is null || row.Id.StartsWith(filter.Prefix, StringComparison.Ordinal))
        .Where(row => !filter.SetAside || row.SetAside is not null)
        .Take(filter.Limit)
        .Select(Describe)];

    public int CountLive() => instances.Values.Count(row => !row.HasEnded);

    public IReadOnlyList<StoredTimer> ReadTimers(StoredTimer? after, int limit) => [.. timers
        .Select(timer => new StoredTimer(timer.Key.Instance, timer.Key.Task, timer.Value))
        .OrderBy(timer => (timer.Due, timer.Instance, timer.TaskId))
        .Where(timer => after is null || (timer.Due, timer.Instance, timer.TaskId).CompareTo((after.Due, after.Instance, after.TaskId)) > 0)
        .Take(limit)];

    public ScheduleStatus? ReadSchedule(string name) => schedules.GetValueOrDefault(name);

    public void BackUp(string path, CancellationToken cancellation) => throw new NotSupportedException();

    public void Dispose()
    {
        // it outlives the engine
    }

    private OperationResult Apply(StoreOperation operation)
    {
        switch (operation)
        {
            case CommitStep step:
                return Apply(step);
            case StartInstance start:
                return Apply(start);
            case SendMessage send:
                if (ById(send.Target) is not { } target)
                    return Unknown.Instance;
                return target.HasEnded ? Stale.Instance : new Delivered([Deliver(target.Number, send.Message)]);
            case SetAside aside:
                if (!instances.TryGetValue(aside.Instance, out Row? held))
                    return Unknown.Instance;
                (held.SetAside, held.Suspicions) = (aside.Reason, 0);
                foreach (var key in activities.Keys.Where(key => aside.Reason is null && key.Instance == aside.Instance).ToList())
                    activities[key] = activities[key] with { Suspicions = 0 };
                return Done.Instance;
            case CountSuspect { TaskId: { } task } suspect when activities.TryGetValue((suspect.Instance, task), out var activity):
                activities[(suspect.Instance, task)] = activity with { Suspicions = activity.Suspicions + 1 };
                return Done.Instance;
            case CountSuspect { TaskId: null } suspect when instances.TryGetValue(suspect.Instance, out Row? row):
                row.Suspicions++;
                return Done.Instance;
            case CountSuspect:
                return Stale.Instance;
            case PurgeInstances purge:
                return Apply(purge);
            case RewindInstance rewind:
                return Apply(rewind);
            case SaveSchedule schedule:
                schedules[schedule.Name] = schedule.Status;
                return Done.Instance;
            default:
                throw new InvalidOperationException(operation.GetType().Name);
        }
    }

    private OperationResult Apply(StartInstance start)
    {
        Row? existing = ById(start.Instance.Id);
        if (existing is not null && start.Dedupe.Contains(existing.Status))
            return new AlreadyExists(existing.Status);
        List<Delivery> delivered = [];
        if (existing is { HasEnded: false, Parent: { } parent } && instances.GetValueOrDefault(parent.Number) is { HasEnded: false })
            delivered.Add(Deliver(parent.Number, new TaskFailed(parent.TaskId, InstanceTexts.Terminated(existing.Id), CanRetry: true)));
        if (existing is not null)
            Delete(existing.Number);
        Insert(start.Instance);
        return new Started(existing?.Number, delivered);
    }

    private OperationResult Apply(CommitStep step)
    {
        if (!instances.TryGetValue(step.Instance, out Row? row) || row.HasEnded || row.Generation != step.Generation)
            return Stale.Instance;
        (row.Updated, row.Suspicions, row.Status) = (step.Now, 0, step.Status);
        row.Custom = step.CustomStatus is { } custom ? custom.Value : row.Custom;
        foreach (long message in step.Messages)
            inbox.Remove((step.Instance, message));
        if (step.Final)
        {
            (row.Output, row.Failure) = (step.Output, step.Failure);
            DeleteWork(step.Instance);
        }
        foreach (int task in step.EndedActivities)
            activities.Remove((step.Instance, task));
        foreach (int task in step.EndedTimers)
            timers.Remove((step.Instance, task));
        if (step.Row is { } added)
        {
            added.Number.Should().Be(row.History.Count, "histories only grow, row by row");
            row.History.Add(HistoryCodec.Encode(added.Step));
        }
        if (step.NextGeneration is { } next)
        {
            row.Generation++;
            row.Version = next.Version;
            row.History.Clear();
            row.History.Add(HistoryCodec.Encode(next.Start));
        }
        foreach (NewActivity activity in step.Activities)
            activities.Add((step.Instance, activity.TaskId), (activity.Name, activity.Input, 0));
        foreach (NewTimer timer in step.Timers)
            timers.Add((step.Instance, timer.TaskId), timer.Due);
        List<Delivery> delivered = [];
        List<long> replaced = [];
        List<NewInstance> started = [];
        foreach (NewInstance child in step.Children)
            StartChild(child, delivered, replaced, started);
        foreach (Outgoing outgoing in step.Outgoing)
        {
            Row? target = outgoing.Number is { } number ? instances.GetValueOrDefault(number) : ById(outgoing.Target!);
            if (target is { HasEnded: false })
                delivered.Add(Deliver(target.Number, outgoing.Message));
        }
        if (step.ToChildren is { } toChildren)
            delivered.AddRange(instances.Values.Where(child => child.Parent?.Number == step.Instance && !child.HasEnded).ToList()
                .Select(child => Deliver(child.Number, toChildren)));
        return new StepCommitted(delivered, replaced, started);
    }

    private Purged Apply(PurgeInstances purge)
    {
        List<long> purged = [];
        Queue<long> left = new(purge.Instances);
        while (left.TryDequeue(out long number))
        {
            if (!instances.TryGetValue(number, out Row? row) || !row.HasEnded)
                continue;
            foreach (Row child in instances.Values.Where(child => purge.Recursive && child.Parent?.Number == number))
                left.Enqueue(child.Number);
            Delete(number);
            purged.Add(number);
        }
        return new(purged);
    }

    private OperationResult Apply(RewindInstance rewind)
    {
        if (!instances.TryGetValue(rewind.Instance, out Row? row) || row.Status != OrchestrationRuntimeStatus.Failed)
            return Stale.Instance;
        (row.Status, row.Output, row.Failure, row.SetAside, row.Updated) = (OrchestrationRuntimeStatus.Running, null, null, null, rewind.Now);
        row.History.RemoveRange(rewind.Steps, row.History.Count - rewind.Steps);
        foreach (NewActivity activity in rewind.Activities)
            activities.Add((rewind.Instance, activity.TaskId), (activity.Name, activity.Input, 0));
        foreach (NewTimer timer in rewind.Timers)
            timers.Add((rewind.Instance, timer.TaskId), timer.Due);
        List<Delivery> delivered = [.. rewind.Messages.Select(message => Deliver(rewind.Instance, message))];
        List<long> replaced = [];
        List<NewInstance> started = [];
        foreach (NewInstance child in rewind.Children)
            StartChild(child, delivered, replaced, started);
        return new StepCommitted(delivered, replaced, started);
    }

    private void StartChild(NewInstance child, List<Delivery> delivered, List<long> replaced, List<NewInstance> started)
    {
        if (ById(child.Id) is { } existing)
        {
            if (!existing.HasEnded)
            {
                TaskFailureDetails failure = new(typeof(OrchestrationAlreadyExistsException).FullName!, InstanceTexts.Exists(child.Id, existing.Status), null, null, null);
                delivered.Add(Deliver(child.Parent!.Number, new TaskFailed(child.Parent.TaskId, failure, CanRetry: true)));
                return;
            }
            Delete(existing.Number);
            replaced.Add(existing.Number);
        }
        Insert(child);
        started.Add(child);
    }

    private Delivery Deliver(long instance, HistoryEvent message)
    {
        inbox.Add((instance, ++lastMessage), HistoryCodec.Encode(message));
        return new(instance, lastMessage, message);
    }

    private void Insert(NewInstance instance)
    {
        instances.Add(instance.Number, new(instance));
        if (instance.StartAt is { } start)
            timers.Add((instance.Number, StoredTimer.Start), start);
    }

    private void Delete(long instance)
    {
        DeleteWork(instance);
        instances.Remove(instance);
    }

    private void DeleteWork(long instance)
    {
        foreach (var key in inbox.Keys.Where(key => key.Instance == instance).ToList())
            inbox.Remove(key);
        foreach (var key in activities.Keys.Where(key => key.Instance == instance).ToList())
            activities.Remove(key);
        foreach (var key in timers.Keys.Where(key => key.Instance == instance).ToList())
            timers.Remove(key);
    }

    private Row? ById(string id) => instances.Values.FirstOrDefault(row => row.Id == id);

    private StoredInstance Describe(Row row) => new()
    {
        Number = row.Number, Id = row.Id, Name = row.Name, Version = row.Version, Status = row.Status, Generation = row.Generation,
        Created = row.Created, Updated = row.Updated, CustomStatus = row.Custom, Output = row.Output, Failure = row.Failure, Tags = row.Tags,
        Trace = row.Trace, Parent = row.Parent, Suspicions = row.Suspicions, SetAside = row.SetAside,
        StartDue = timers.TryGetValue((row.Number, StoredTimer.Start), out DateTime due) ? due : null,
    };

    internal sealed class Row(NewInstance instance)
    {
        public long Number { get; } = instance.Number;

        public string Id { get; } = instance.Id;

        public string Name { get; } = instance.Name;

        public string Version { get; set; } = instance.Version;

        public OrchestrationRuntimeStatus Status { get; set; } = OrchestrationRuntimeStatus.Pending;

        public int Generation { get; set; }

        public DateTime Created { get; } = instance.Created;

        public DateTime Updated { get; set; } = instance.Created;

        public string? Custom { get; set; }

        public string? Output { get; set; }

        public TaskFailureDetails? Failure { get; set; }

        public IReadOnlyDictionary<string, string>? Tags { get; } = instance.Tags;

        public string? Trace { get; } = instance.Trace;

        public ParentLink? Parent { get; } = instance.Parent;

        public int Suspicions { get; set; }

        public string? SetAside { get; set; }

        public List<byte[]> History { get; } = [HistoryCodec.Encode(instance.Start)];

        public bool HasEnded => Status
            is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;
    }
}
