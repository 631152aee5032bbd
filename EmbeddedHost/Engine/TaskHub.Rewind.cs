using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Rewinding: a failed instance goes on from before its last failed call.</summary>
internal sealed partial class TaskHub
{
    /// <exception cref="InvalidOperationException">It has not failed.</exception>
    public async Task RewindAsync(StoredInstance stored, CancellationToken cancellation)
    {
        RewindInstance? rewind = stored.Status == OrchestrationRuntimeStatus.Failed ? Rewinding.Plan(stored, store, services, UtcNow) : null;
        OperationResult? result = rewind is null ? null : await RequestAsync(rewind, cancellation);
        if (result is not StepCommitted)
            throw new InvalidOperationException($"The orchestration '{stored.Id}' is {stored.Status}; only a failed one can be rewound.");
        TellWaiters(stored.Id);
    }

    private void TakeEffect(RewindInstance rewind, StepCommitted committed)
    {
        Drop(rewind.Instance);
        foreach (NewActivity activity in rewind.Activities)
            Enqueue(new(rewind.Instance, activity.TaskId, activity.Name));
        foreach (NewTimer timer in rewind.Timers)
            timers.Add(new(rewind.Instance, timer.TaskId, timer.Due));
        foreach (long replaced in committed.Replaced)
            Drop(replaced);
        foreach (NewInstance child in committed.Started)
            Begin(child);
        foreach (Delivery delivery in committed.Delivered)
            Deliver(delivery);
        ArmTimers();
        Wake(Get(rewind.Instance));
    }
}
