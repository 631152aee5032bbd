using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What clients ask for. Each is durable when its task ends.</summary>
internal sealed partial class TaskHub
{
    private readonly Dictionary<string, List<TaskCompletionSource>> waiters = [];

    /// <summary>Why the store takes nothing at present; null when it does.</summary>
    public string? Trouble => commits.Trouble;

    /// <returns><see cref="Started"/> or <see cref="AlreadyExists"/>.</returns>
    public async Task<OperationResult> StartAsync(StartInstance start, CancellationToken cancellation)
    {
        RequireRunning();
        // After a crash a start is durable before its first step: else one that ends the process could come again for ever, and leave no trace.
        bool fresh = UtcNow >= cautiousUntil && store.Find(start.Instance.Id) is null;
        TaskCompletionSource<OperationResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (fresh)
                Begin(start.Instance); // its first step is committed together with it; nothing takes effect before that
            commits.Submit(start, result =>
            {
                AfterStart(start.Instance, result, fresh);
                answer.TrySetResult(result);
            });
            Dispatch();
        }
        return Answer(await answer.Task.WaitAsync(cancellation));
    }

    /// <returns><see cref="Delivered"/>, <see cref="Stale"/> or <see cref="Unknown"/>.</returns>
    public Task<OperationResult> SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellation) =>
        RequestAsync(new SendMessage(instanceId, message), cancellation);

    public Task<OperationResult> RequestAsync(StoreOperation operation, CancellationToken cancellation)
    {
        RequireRunning();
        TaskCompletionSource<OperationResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        commits.Submit(operation, result =>
        {
            TakeEffect(operation, result);
            answer.TrySetResult(result);
        });
        return AwaitAsync();

        async Task<OperationResult> AwaitAsync() => Answer(await answer.Task.WaitAsync(cancellation));
    }

    /// <summary>Ends when the instance is as <paramref name="isSo"/> says; null when there is none, or no longer.</summary>
    public async Task<StoredInstance?> WaitAsync(string id, Func<StoredInstance, bool> isSo, CancellationToken cancellation)
    {
        while (true)
        {
            TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                if (!waiters.TryGetValue(id, out List<TaskCompletionSource>? list))
                    waiters.Add(id, list = []);
                list.Add(change);
            }
            try
            {
                StoredInstance? instance = store.Find(id);
                if (instance is null || isSo(instance))
                    return instance;
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping.Token);
                try
                {
                    await change.Task.WaitAsync(either.Token);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    RequireRunning();
                    throw new TaskHubUnavailableException("The task hub is stopping.");
                }
            }
            finally
            {
                StopWaiting(id, change);
            }
        }
    }

    private void AfterStart(NewInstance instance, OperationResult result, bool speculated)
    {
        lock (gate)
        {
            if (result is Started started)
            {
                if (started.Replaced is { } replaced)
                    Drop(replaced);
                foreach (Delivery delivery in started.Delivered)
                    Deliver(delivery);
                if (!speculated)
                    Begin(instance);
            }
            else
            {
                Drop(instance.Number);
            }
            Dispatch();
        }
        TellWaiters(instance.Id);
    }

    private void TakeEffect(StoreOperation operation, OperationResult result)
    {
        lock (gate)
        {
            switch (operation, result)
            {
                case (SendMessage, Delivered delivered):
                    foreach (Delivery delivery in delivered.Messages)
                        Deliver(delivery);
                    break;
                case (PurgeInstances, Purged purged):
                    foreach (long number in purged.Instances)
                        Drop(number);
                    break;
                case (RewindInstance rewind, StepCommitted committed):
                    TakeEffect(rewind, committed);
                    break;
                case (SetAside { Reason: null } release, Done):
                    Release(release.Instance);
                    break;
            }
            Dispatch();
        }
    }

    private void TellWaiters(string id)
    {
        List<TaskCompletionSource>? told;
        lock (gate)
        {
            if (!waiters.TryGetValue(id, out told))
                return;
            told = [.. told];
        }
        foreach (TaskCompletionSource waiter in told)
            waiter.TrySetResult();
    }

    private void StopWaiting(string id, TaskCompletionSource waiter)
    {
        lock (gate)
        {
            if (waiters.TryGetValue(id, out List<TaskCompletionSource>? list) && list.Remove(waiter) && list.Count == 0)
                waiters.Remove(id);
        }
    }

    private void RequireRunning()
    {
        if (!started || closed)
            throw new TaskHubUnavailableException(started ? "The task hub has been stopped." : "The task hub has not been started yet.");
    }

    private static OperationResult Answer(OperationResult result) =>
        result is Refused refused ? throw refused.Error : result;
}
