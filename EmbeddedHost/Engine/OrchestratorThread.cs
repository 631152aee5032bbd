namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// Keeps an orchestrator on the thread of its step. Continuations run where they are posted, at once, as in the original engine; one that
/// is posted from elsewhere proves that the orchestrator awaited something foreign.
/// </summary>
internal sealed class OrchestratorThread(Action<string> foreign) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> deferred = [];
    private int thread;

    /// <summary>Whether the caller is the running step.</summary>
    public bool IsCurrent => Volatile.Read(ref thread) == Environment.CurrentManagedThreadId;

    /// <summary>Runs one piece of the orchestrator, with all that follows from it.</summary>
    public void Run(Action action)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        Volatile.Write(ref thread, Environment.CurrentManagedThreadId);
        try
        {
            action();
            while (deferred.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
                next.Callback(next.State);
        }
        finally
        {
            Volatile.Write(ref thread, 0);
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!IsCurrent)
            foreign("The orchestrator awaited a task that did not come from its context.");
        else if (System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
            d(state);
        else
            deferred.Enqueue((d, state)); // a long chain of continuations goes on from the bottom of the stack
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
            d(state);
        else
            foreign("The orchestrator was entered from another thread.");
    }

    public override SynchronizationContext CreateCopy() => this;
}
