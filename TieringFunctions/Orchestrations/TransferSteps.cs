using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Orchestrations;

/// <summary>How a transfer's orchestration goes on.</summary>
public enum TransferFlow { GoOn, Ended, ContinueAsNew }

/// <summary>The steps of a transfer's orchestration up to its outcome. Replayed like the orchestrator that owns it.</summary>
/// <param name="context">The orchestration.</param>
/// <param name="state">Where it stands.</param>
public sealed class TransferSteps(TaskOrchestrationContext context, TransferState state)
{
    private const int LooksPerGeneration = 60; // a short history is a cheap replay
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    // One wait for the whole generation: an abandoned one would swallow the next event.
    private Task<string> changed = context.WaitForExternalEvent<string>(TransferOrchestration.JobChanged);

    public TransferState State { get; private set; } = state;

    /// <summary>Why it ended; null when the verdict in the job folder says it.</summary>
    public OperationError? Error { get; private set; }

    public async Task<TransferFlow> RunAsync()
    {
        if (State.Attempt > 0)
            Show("running"); // a custom status does not outlast its generation on every host
        TransferFlow flow = State.Attempt == 0 ? await StartAsync() : TransferFlow.GoOn;
        return flow == TransferFlow.GoOn ? await WatchAsync() : flow;
    }

    public void Show(string step) => context.SetCustomStatus(new TransferStatus(step, State.Key.Project.Value, State.Attempt));

    /// <summary>Waits for a slot, records the start, and starts the first agent.</summary>
    private async Task<TransferFlow> StartAsync()
    {
        Show("waiting-for-slot");
        for (int look = 0; look < LooksPerGeneration; look++)
        {
            SlotAnswer answer = await context.CallActivityAsync<SlotAnswer>(nameof(TakeSlot), State.Key, Retry.Forever);
            if (answer == SlotAnswer.Cancelled)
                return End(new OperationError("cancelled", "The operation was cancelled before it began."));
            if (answer == SlotAnswer.TooLate)
                return End(new OperationError(Nights.NightKeeper.WindowClosed, "The cooling window closed before its turn came."));
            if (answer == SlotAnswer.Ended)
                return End(null); // by somebody else; finishing it once more changes nothing
            if (answer == SlotAnswer.Taken)
            {
                LifecycleOperation operation = await context.CallActivityAsync<LifecycleOperation>(nameof(StartOperation), State.Key, Retry.Forever);
                State = State with { JobStartedAt = Now };
                return operation.IsTerminal ? End(null) : await StartAttemptAsync();
            }
            await SleepAsync();
        }
        return TransferFlow.ContinueAsNew;
    }

    private async Task<TransferFlow> StartAttemptAsync()
    {
        State = State with { Attempt = State.Attempt + 1, AttemptStartedAt = Now };
        Show("starting");
        OperationError? refused = await context.CallActivityAsync<OperationError?>(
            nameof(StartTransferJob), new AttemptInput(State.Key, State.Attempt), Retry.Transient);
        Show("running");
        return refused is null ? TransferFlow.GoOn : End(refused);
    }

    /// <summary>Looks at the job until it has ended, and starts the next attempt when its agent is gone.</summary>
    private async Task<TransferFlow> WatchAsync()
    {
        for (int look = 0; look < LooksPerGeneration; look++)
        {
            WatchStep step = await context.CallActivityAsync<WatchStep>(nameof(WatchTransfer), WatchInput.Of(State), Retry.Forever);
            if (step == WatchStep.Stalled)
                State = State with { Stalls = State.Stalls + 1 };
            TransferFlow flow = step switch
            {
                WatchStep.Ended => End(null),
                WatchStep.Overdue => End(new OperationError("deadline-exceeded", "The operation took longer than it may.")),
                WatchStep.AgentLost or WatchStep.Stalled when State.Attempt >= WatchTransfer.MaxAttempts || State.Stalls >= WatchTransfer.MaxStalls => End(Exhausted(step)),
                WatchStep.AgentLost or WatchStep.Stalled => await StartAttemptAsync(),
                _ => TransferFlow.GoOn,
            };
            if (flow != TransferFlow.GoOn)
                return flow;
            await SleepAsync();
        }
        return TransferFlow.ContinueAsNew;
    }

    /// <summary>Sleeps until the next look is due or an event comes.</summary>
    private async Task SleepAsync()
    {
        if (!changed.IsCompleted)
        {
            using CancellationTokenSource awake = new();
            Task timer = context.CreateTimer(LookInterval, awake.Token);
            await Task.WhenAny(timer, changed);
            if (!timer.IsCompleted)
                awake.Cancel(); // an open timer would hold the instance
        }
        if (changed.IsCompleted)
            changed = context.WaitForExternalEvent<string>(TransferOrchestration.JobChanged);
    }

    private TransferFlow End(OperationError? error)
    {
        Error = error;
        return TransferFlow.Ended;
    }

    private OperationError Exhausted(WatchStep step) => step == WatchStep.Stalled
        ? new OperationError("stalled", $"Nothing moved any more, in {State.Attempt} attempts.")
        : new OperationError("agent-lost", $"The agent was lost {State.Attempt} times.");

    private DateTimeOffset Now => new(context.CurrentUtcDateTime, TimeSpan.Zero);
}
