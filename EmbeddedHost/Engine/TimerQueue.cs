using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// The timers that are due next, in memory; the rest stay in the store until their time is near. Used under the engine's lock.
/// </summary>
internal sealed class TimerQueue(ITaskHubStore store, int page = 10_000)
{
    private readonly SortedSet<StoredTimer> byDue = new(Comparer<StoredTimer>.Create(Compare));
    private readonly Dictionary<long, Dictionary<int, DateTime>> byInstance = [];
    private StoredTimer? horizon;

    /// <summary>When the next one is due; null when there is none.</summary>
    public DateTime? Next => byDue.Min?.Due;

    public int Count => byDue.Count;

    /// <summary>Reads the next ones from the store.</summary>
    public void Load()
    {
        IReadOnlyList<StoredTimer> timers = store.ReadTimers(horizon, page);
        horizon = timers.Count == page ? timers[^1] : null;
        foreach (StoredTimer timer in timers)
            Keep(timer);
    }

    /// <summary>Adds one that the store has already.</summary>
    public void Add(StoredTimer timer)
    {
        if (horizon is null || Compare(timer, horizon) <= 0)
            Keep(timer);
    }

    public void Remove(long instance, int taskId)
    {
        if (!byInstance.TryGetValue(instance, out Dictionary<int, DateTime>? timers) || !timers.Remove(taskId, out DateTime due))
            return;
        byDue.Remove(new(instance, taskId, due));
        if (timers.Count == 0)
            byInstance.Remove(instance);
    }

    public void RemoveAll(long instance)
    {
        if (!byInstance.Remove(instance, out Dictionary<int, DateTime>? timers))
            return;
        foreach ((int taskId, DateTime due) in timers)
            byDue.Remove(new(instance, taskId, due));
    }

    /// <summary>Takes the next one that is due; null when there is none.</summary>
    public StoredTimer? TakeDue(DateTime now)
    {
        if (byDue.Count == 0 && horizon is not null)
            Load();
        if (byDue.Min is not { } first || first.Due > now)
            return null;
        Remove(first.Instance, first.TaskId);
        if (byDue.Count == 0 && horizon is not null)
            Load();
        return first;
    }

    private void Keep(StoredTimer timer)
    {
        if (!byInstance.TryGetValue(timer.Instance, out Dictionary<int, DateTime>? timers))
            byInstance.Add(timer.Instance, timers = []);
        timers[timer.TaskId] = timer.Due;
        byDue.Add(timer);
    }

    private static int Compare(StoredTimer a, StoredTimer b) => (a.Due, a.Instance, a.TaskId).CompareTo((b.Due, b.Instance, b.TaskId));
}
