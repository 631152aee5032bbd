using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>
/// One generation of one instance as running code. It is told events, step by step, and runs until it waits. Not safe for concurrent use.
/// </summary>
internal sealed class OrchestrationExecution
{
    private readonly InstanceIdentity identity;
    private readonly ExecutionServices services;
    private readonly Action<string> onForeign;
    private readonly OrchestratorThread thread;
    private readonly Queue<HistoryEvent> held = [];
    private OrchestrationContext? context;
    private Task<object?>? result;
    private Outcome? forced;
    private string? foreign;
    private bool suspended;
    private bool stepping;

    /// <param name="identity">The instance.</param>
    /// <param name="services">What it needs of the host.</param>
    /// <param name="onForeign">Told, on any thread and between steps, when the orchestrator awaited something foreign.</param>
    public OrchestrationExecution(InstanceIdentity identity, ExecutionServices services, Action<string> onForeign)
    {
        this.identity = identity;
        this.services = services;
        this.onForeign = onForeign;
        thread = new(ReportForeign);
    }

    /// <summary>Tells it again what it was told, and compares what it does with what it did.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">It does something else.</exception>
    public StepResult Replay(int number, HistoryStep step)
    {
        StepResult again = Retell(step.Time, step.Told);
        ReplayCheck.Match(number, step.Done, again.Actions);
        return again;
    }

    /// <summary>Tells it again what it was told; what it does is for the caller to compare.</summary>
    public StepResult Retell(DateTime time, IReadOnlyList<HistoryEvent> told) => Apply(time, told, replaying: true);

    /// <summary>Tells it something new.</summary>
    public StepResult Step(DateTime time, IReadOnlyList<HistoryEvent> messages) => Apply(time, messages, replaying: false);

    private StepResult Apply(DateTime time, IReadOnlyList<HistoryEvent> messages, bool replaying)
    {
        List<HistoryEvent> told = new(messages.Count);
        Volatile.Write(ref stepping, true);
        context?.Advance(time, replaying);
        try
        {
            thread.Run(() =>
            {
                foreach (HistoryEvent message in messages)
                {
                    if (Tell(message, time, replaying))
                        told.Add(message);
                }
            });
        }
        catch (Exception escaped) // out of an async void method: there is no task that could hold it
        {
            forced ??= new Faulted(TaskFailureDetails.OfOrchestrator(escaped));
        }
        Volatile.Write(ref stepping, false);
        Interlocked.MemoryBarrier(); // whoever reports now either is read by FindOutcome or sees that no step runs, and says it himself
        return new(
            told,
            context?.TakeActions() ?? [],
            context?.TakeCancelledTimers() ?? [],
            context?.Status,
            suspended,
            FindOutcome());
    }

    /// <summary>Returns false for what no longer matters.</summary>
    private bool Tell(HistoryEvent message, DateTime time, bool replaying)
    {
        switch (message)
        {
            case ExecutionTerminated terminated:
                forced ??= new Ended(terminated.Output, terminated.Recursive);
                return true;
            case ExecutionFaulted faulted:
                forced ??= new Faulted(faulted.Failure);
                return true;
            case ExecutionSuspended:
                suspended = true;
                return true;
            case ExecutionResumed:
                suspended = false;
                while (!suspended && held.TryDequeue(out HistoryEvent? next))
                    Tell(next, time, replaying);
                return true;
            case var _ when suspended:
                held.Enqueue(message);
                return true;
            case ExecutionStarted started:
                Start(started, time, replaying);
                return true;
            default:
                if (context is null || !context.Awaits(message))
                    return false;
                context.Complete(message);
                return true;
        }
    }

    private void Start(ExecutionStarted started, DateTime time, bool replaying)
    {
        context = new(identity, started.Input, services, thread);
        context.Advance(time, replaying);
        Func<TaskOrchestrationContext, Task<object?>>? orchestrator = services.Orchestrators(identity.Name);
        result = orchestrator is null
            ? Task.FromException<object?>(new OrchestratorMissingException(identity.Name))
            : RunAsync(orchestrator, context);
    }

    private static async Task<object?> RunAsync(Func<TaskOrchestrationContext, Task<object?>> orchestrator, OrchestrationContext context) =>
        await orchestrator(context);

    private Outcome? FindOutcome()
    {
        if (forced is not null)
            return forced;
        if (Volatile.Read(ref foreign) is { } what)
            return new Faulted(ForeignAwaits.Failure(what));
        if (context is null || result is null || suspended)
            return null;
        if (!result.IsCompleted)
            return context.CanGoOn ? null : new Faulted(ForeignAwaits.Failure("The orchestrator waits, but for nothing that its context gave it."));
        if (context.HasOpenTasks)
            return null;
        if (result.IsCanceled)
            return new Faulted(TaskFailureDetails.OfOrchestrator(new TaskCanceledException(result)));
        if (result.Exception is { } exception)
            return new Faulted(Describe(exception.InnerExceptions[0]));
        return context.Next is { } next ? new Continued(next) : Complete(result.Result);
    }

    private Outcome Complete(object? output)
    {
        try
        {
            return new Succeeded(services.Payloads.Serialize(output, "The output of the orchestration"));
        }
        catch (Exception unwritable)
        {
            return new Faulted(TaskFailureDetails.OfOrchestrator(unwritable));
        }
    }

    private static TaskFailureDetails Describe(Exception exception) => exception is OrchestratorMissingException
        ? new("OrchestratorTaskNotFound", exception.Message, StackTrace: null, InnerFailure: null, Properties: null)
        : TaskFailureDetails.OfOrchestrator(exception);

    private void ReportForeign(string what)
    {
        if (Interlocked.CompareExchange(ref foreign, what, null) is null && !Volatile.Read(ref stepping))
            onForeign(what);
    }

    private sealed class OrchestratorMissingException(string name) : Exception($"No orchestrator task named '{name}' was found.");
}
