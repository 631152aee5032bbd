using Microsoft.Extensions.Logging;

namespace Tiering.EmbeddedHost.Durable;

/// <summary>
/// What an orchestrator has of the world. Its code runs again from the top after every restart, so time, ids, waiting and work come from
/// here; awaiting anything else fails the instance.
/// </summary>
public abstract class TaskOrchestrationContext
{
    public abstract TaskName Name { get; }

    public abstract string InstanceId { get; }

    /// <summary>Null when no orchestration waits for this one.</summary>
    public abstract ParentOrchestrationInstance? Parent { get; }

    /// <summary>The time of the last event that this orchestration was told of; the same in every replay.</summary>
    public abstract DateTime CurrentUtcDateTime { get; }

    /// <summary>Whether this code has run to here before.</summary>
    public abstract bool IsReplaying { get; }

    /// <summary>The version that the instance was started with; empty for none.</summary>
    public virtual string Version => "";

    /// <summary>Loggers from here write nothing while replaying.</summary>
    public virtual ILoggerFactory ReplaySafeLoggerFactory => field ??= new ReplaySafeLoggerFactory(this, LoggerFactory);

    protected abstract ILoggerFactory LoggerFactory { get; }

    /// <summary>The instance's input; the default of <typeparamref name="T"/> when it has none.</summary>
    public abstract T? GetInput<T>();

    public virtual Task CallActivityAsync(TaskName name, object? input = null, TaskOptions? options = null) =>
        CallActivityAsync<object>(name, input, options);

    public virtual Task CallActivityAsync(TaskName name, TaskOptions options) => CallActivityAsync(name, null, options);

    public virtual Task<TResult> CallActivityAsync<TResult>(TaskName name, TaskOptions options) => CallActivityAsync<TResult>(name, null, options);

    /// <summary>Runs an activity at least once, and returns what it returned.</summary>
    /// <exception cref="TaskFailedException">It failed, its retries included, or no activity has this name.</exception>
    /// <exception cref="System.Text.Json.JsonException">What it returned is not a <typeparamref name="TResult"/>.</exception>
    public abstract Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null);

    /// <summary>Completes when the time has passed; a host that was off meanwhile completes it late.</summary>
    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken) =>
        CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <inheritdoc cref="CreateTimer(TimeSpan, CancellationToken)"/>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>
    /// Waits for the next event of this name, whatever its case. Events without a wait are kept in order. Of several waits the youngest
    /// gets the next event, a cancelled one included.
    /// </summary>
    /// <exception cref="ArgumentException">A wait of this name and another type is open.</exception>
    public abstract Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="WaitForExternalEvent{T}(string, TimeSpan, CancellationToken)"/>
    public Task<T> WaitForExternalEvent<T>(string eventName, TimeSpan timeout) => WaitForExternalEvent<T>(eventName, timeout, CancellationToken.None);

    /// <inheritdoc cref="WaitForExternalEvent{T}(string, CancellationToken)"/>
    /// <exception cref="TaskCanceledException">No event came in time.</exception>
    public async Task<T> WaitForExternalEvent<T>(string eventName, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timerEnd = new();
        Task timer = CreateTimer(timeout, timerEnd.Token);
        using CancellationTokenSource waitEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> wait = WaitForExternalEvent<T>(eventName, waitEnd.Token);
        Task winner = await Task.WhenAny(timer, wait);
        (winner == wait ? timerEnd : waitEnd).Cancel(); // on the orchestrator's own thread: continuations must not leave it
        return await wait;
    }

    /// <summary>Sends an event to another instance; an unknown one is ignored.</summary>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    /// <summary>What the instance tells of itself until it is set again; null clears it. It survives continue-as-new.</summary>
    public abstract void SetCustomStatus(object? customStatus);

    /// <summary>Runs another orchestration, and returns what it returned.</summary>
    /// <exception cref="TaskFailedException">It failed or was terminated.</exception>
    public abstract Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null);

    public virtual Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, TaskOptions options) =>
        CallSubOrchestratorAsync<TResult>(orchestratorName, null, options);

    public virtual Task CallSubOrchestratorAsync(TaskName orchestratorName, TaskOptions options) =>
        CallSubOrchestratorAsync(orchestratorName, null, options);

    public virtual Task CallSubOrchestratorAsync(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        CallSubOrchestratorAsync<object>(orchestratorName, input, options);

    /// <summary>
    /// When the orchestrator returns and all that it opened has ended, starts it again under the same id with an empty history. The last
    /// call counts.
    /// </summary>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <inheritdoc cref="ContinueAsNew(object?, bool)"/>
    public virtual void ContinueAsNew(ContinueAsNewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ContinueAsNew(options.NewInput, options.PreserveUnprocessedEvents);
    }

    /// <summary>A new id, the same in every replay.</summary>
    public abstract Guid NewGuid();

    public virtual ILogger CreateReplaySafeLogger(string categoryName) => ReplaySafeLoggerFactory.CreateLogger(categoryName);

    public virtual ILogger CreateReplaySafeLogger(Type type) => ReplaySafeLoggerFactory.CreateLogger(type);

    public virtual ILogger CreateReplaySafeLogger<T>() => ReplaySafeLoggerFactory.CreateLogger<T>();
}
