using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

internal sealed partial class OrchestrationContext
{
    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        if (input is TaskOptions && options is null)
            throw new ArgumentException(
                "A TaskOptions value was given as the activity's input, and none as its options. Was it meant for the parameter 'options'?", nameof(input));
        return await WithRetriesAsync(name, isActivity: true, options?.Retry, () => CallAsync<TResult>(
            id => new ScheduleActivity(id, name.Name, services.Payloads.Serialize(input, $"The input of activity '{name}'"))));
    }

    public override async Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        Enter();
        string child = (options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N"); // every attempt has the same id
        return await WithRetriesAsync(orchestratorName, isActivity: false, options?.Retry, () => CallAsync<TResult>(id => new ScheduleChild(
            id,
            orchestratorName.Name,
            options?.Version?.Version ?? "",
            child,
            services.Payloads.Serialize(input, $"The input of orchestration '{orchestratorName}'"),
            options?.Tags)));
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        DateTime due = fireAt.ToUniversalTime();
        while (due - now > LongestTimer && !cancellationToken.IsCancellationRequested)
            await TimerAsync(now + LongestTimer, cancellationToken); // split, so that numbers of actions agree with the original engine
        await TimerAsync(due, cancellationToken);
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        Enter();
        return events.Add<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        actions.Add(new SendEvent(NextId(), instanceId, eventName, services.Payloads.Serialize(payload, $"The event '{eventName}'")));
    }

    private async Task<T> CallAsync<T>(Func<int, OrchestratorAction> action)
    {
        int id = NextId();
        actions.Add(action(id));
        string? result = await tasks.Add(id);
        return services.Payloads.Deserialize<T>(result)!;
    }

    private async Task TimerAsync(DateTime due, CancellationToken cancellation)
    {
        int id = NextId();
        actions.Add(new CreateTimer(id, due));
        Task<string?> fired = tasks.Add(id);
        if (cancellation.CanBeCanceled)
        {
            cancellation.Register(() =>
            {
                if (tasks.Cancel(id))
                    cancelledTimers.Add(id);
            });
        }
        await fired;
    }
}
