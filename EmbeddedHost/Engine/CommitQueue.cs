using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// Collects operations and commits them in groups, in the order in which they came. Requests fail when the store does not take them; what
/// the engine itself needs stays at the head of the queue until it is taken.
/// </summary>
internal sealed class CommitQueue(ITaskHubStore store)
{
    private const int LargestGroup = 512;
    private readonly Lock gate = new();
    private readonly Action wake = () => { };
    private List<Entry> waiting = [];

    /// <param name="store">Where they are committed.</param>
    /// <param name="wake">Called after each submission.</param>
    public CommitQueue(ITaskHubStore store, Action wake)
        : this(store) => this.wake = wake;

    /// <summary>Why the store does not take anything; null when it does.</summary>
    public string? Trouble { get; private set; }

    public int Count
    {
        get
        {
            lock (gate)
                return waiting.Count;
        }
    }

    /// <summary>Whether all that waits are starts, whose first steps will follow at once.</summary>
    public bool MoreIsNear
    {
        get
        {
            lock (gate)
                return waiting.Count > 0 && waiting.TrueForAll(entry => entry.Operation is StartInstance { Instance.StartAt: null });
        }
    }

    /// <param name="operation">What to do.</param>
    /// <param name="done">
    /// Called once it is durable, or <see cref="Refused"/>; by the committing thread, in the order of submission. It must be short and must
    /// not throw.
    /// </param>
    public void Submit(StoreOperation operation, Action<OperationResult> done)
    {
        lock (gate)
            waiting.Add(new(operation, done));
        wake();
    }

    /// <summary>Commits one group. Returns false when there was nothing, or the store did not take it.</summary>
    public bool CommitOnce()
    {
        List<Entry> group = Take();
        if (group.Count == 0)
            return false;
        IReadOnlyList<OperationResult> results;
        try
        {
            results = store.Commit([.. group.Select(entry => entry.Operation)]);
        }
        catch (TaskHubUnavailableException unavailable)
        {
            Trouble = unavailable.Message;
            PutBack(group);
            foreach (Entry entry in group.Where(entry => entry.Operation.IsRequest))
                entry.Done(new Refused(unavailable));
            return false;
        }
        Trouble = null;
        Metering.GroupSize.Record(group.Count);
        for (int i = 0; i < group.Count; i++)
            group[i].Done(results[i]);
        return true;
    }

    private List<Entry> Take()
    {
        lock (gate)
        {
            List<Entry> group = waiting;
            if (group.Count <= LargestGroup)
            {
                waiting = [];
                return group;
            }
            waiting = group[LargestGroup..];
            return group[..LargestGroup];
        }
    }

    private void PutBack(List<Entry> group)
    {
        lock (gate)
            waiting.InsertRange(0, group.Where(entry => !entry.Operation.IsRequest));
    }

    private sealed record Entry(StoreOperation Operation, Action<OperationResult> Done);
}
