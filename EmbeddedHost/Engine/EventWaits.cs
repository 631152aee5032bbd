using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// External events of one execution. Waits of a name are a stack, so that the youngest gets the next event; events that nobody awaits are a
/// queue. A wait that was cancelled stays on its stack and swallows an event, as in the original engine.
/// </summary>
internal sealed class EventWaits(DataConverter converter)
{
    private readonly Dictionary<string, Stack<Wait>> waits = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<EventRaised> unclaimed = [];

    /// <summary>Whether something could still come of an event.</summary>
    public bool AnyOpen => waits.Values.Any(stack => stack.Any(wait => wait.IsOpen));

    /// <exception cref="ArgumentException">A wait of this name and another type is open.</exception>
    public Task<T> Add<T>(string name, CancellationToken cancellation)
    {
        Wait<T> wait = new();
        if (!waits.TryGetValue(name, out Stack<Wait>? stack))
            waits[name] = stack = [];
        if (stack.TryPeek(out Wait? open) && open.Type != typeof(T))
            throw new ArgumentException(
                $"Events with the same name must have the same type argument. Expected {open.Type.FullName} but was requested {typeof(T).FullName}.");
        stack.Push(wait);

        int next = unclaimed.FindIndex(item => string.Equals(item.Name, name, StringComparison.OrdinalIgnoreCase));
        if (next >= 0)
        {
            EventRaised item = unclaimed[next];
            unclaimed.RemoveAt(next);
            Give(item);
        }
        if (cancellation.CanBeCanceled)
            cancellation.Register(() => wait.Cancel(cancellation));
        return wait.Task;
    }

    public void Give(EventRaised item)
    {
        if (waits.TryGetValue(item.Name, out Stack<Wait>? stack) && stack.TryPop(out Wait? wait))
            wait.Complete(item.Payload, converter);
        else
            unclaimed.Add(item);
    }

    /// <summary>Takes all events that nobody awaited, oldest first.</summary>
    public IReadOnlyList<EventRaised> TakeUnclaimed()
    {
        EventRaised[] taken = [.. unclaimed];
        unclaimed.Clear();
        return taken;
    }

    private abstract class Wait
    {
        public abstract Type Type { get; }

        public abstract bool IsOpen { get; }

        public abstract void Complete(string? payload, DataConverter converter);
    }

    private sealed class Wait<T> : Wait
    {
        private readonly TaskCompletionSource<T> source = new();

        public override Type Type => typeof(T);

        public override bool IsOpen => !source.Task.IsCompleted;

        public Task<T> Task => source.Task;

        public void Cancel(CancellationToken cancellation) => source.TrySetCanceled(cancellation);

        public override void Complete(string? payload, DataConverter converter)
        {
            T value;
            try
            {
                value = converter.Deserialize<T>(payload)!;
            }
            catch (Exception unreadable)
            {
                source.TrySetException(unreadable); // surfaces where the event is awaited
                return;
            }
            source.TrySetResult(value);
        }
    }
}
