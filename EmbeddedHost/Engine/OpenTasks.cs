namespace Tiering.EmbeddedHost.Engine;

/// <summary>Activities, children and timers of one execution that have not ended.</summary>
internal sealed class OpenTasks
{
    private readonly Dictionary<int, TaskCompletionSource<string?>> open = [];

    public bool Any => open.Count > 0;

    public Task<string?> Add(int id)
    {
        TaskCompletionSource<string?> source = new(); // continuations run at once, on the orchestrator's own thread
        open.Add(id, source);
        return source.Task;
    }

    public bool Contains(int id) => open.ContainsKey(id);

    public void Complete(int id, string? result)
    {
        if (open.Remove(id, out TaskCompletionSource<string?>? source))
            source.SetResult(result);
    }

    public void Fail(int id, TaskFault fault)
    {
        if (open.Remove(id, out TaskCompletionSource<string?>? source))
            source.SetException(fault);
    }

    /// <summary>Returns false when it has ended already.</summary>
    public bool Cancel(int id)
    {
        if (!open.Remove(id, out TaskCompletionSource<string?>? source))
            return false;
        source.SetCanceled();
        return true;
    }
}
