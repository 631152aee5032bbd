using System.Globalization;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>The context of one generation of one instance: collects what the orchestrator asks for, and completes what it waits for.</summary>
internal sealed partial class OrchestrationContext(InstanceIdentity identity, string? input, ExecutionServices services, OrchestratorThread thread)
    : TaskOrchestrationContext
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(3);
    private readonly OpenTasks tasks = new();
    private readonly EventWaits events = new(services.Payloads.Converter);
    private readonly List<OrchestratorAction> actions = [];
    private readonly List<int> cancelledTimers = [];
    private int nextId;
    private int guids;
    private DateTime now;
    private bool replaying;

    public override TaskName Name => identity.Name;

    public override string InstanceId => identity.Id;

    public override ParentOrchestrationInstance? Parent => identity.Parent;

    public override string Version => identity.Version;

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => replaying;

    public bool HasOpenTasks => tasks.Any;

    public bool CanGoOn => tasks.Any || events.AnyOpen;

    /// <summary>Null until the orchestrator sets it in this generation.</summary>
    public CustomStatus? Status { get; private set; }

    /// <summary>Null until the orchestrator continues as new.</summary>
    public NextGeneration? Next { get; private set; }

    protected override ILoggerFactory LoggerFactory => services.Loggers;

    public void Advance(DateTime time, bool isReplaying) => (now, replaying) = (time, isReplaying);

    public override T? GetInput<T>()
        where T : default => services.Payloads.Deserialize<T>(input);

    public override void SetCustomStatus(object? customStatus)
    {
        Enter();
        Status = new(services.Payloads.Serialize(customStatus, "The custom status"));
    }

    public override Guid NewGuid()
    {
        Enter();
        return DeterministicGuid.Of(services.GuidSpace, string.Create(CultureInfo.InvariantCulture, $"{InstanceId}_{now:o}_{guids++}"));
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        ContinueAsNew(new ContinueAsNewOptions { NewInput = newInput, PreserveUnprocessedEvents = preserveUnprocessedEvents });

    public override void ContinueAsNew(ContinueAsNewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Enter();
        List<EventRaised> carried = Next?.Events ?? [];
        if (options.PreserveUnprocessedEvents)
        {
            IReadOnlyList<EventRaised> unclaimed = events.TakeUnclaimed();
            carried.AddRange(unclaimed);
            nextId += unclaimed.Count; // the original engine sends each to itself, which counts as an action
        }
        Next = new(services.Payloads.Serialize(options.NewInput, "The input of the next generation"), options.NewVersion, carried);
    }

    /// <summary>Takes what was asked for since it was last taken, by number.</summary>
    public IReadOnlyList<OrchestratorAction> TakeActions()
    {
        OrchestratorAction[] taken = [.. actions];
        actions.Clear();
        return taken;
    }

    /// <summary>Takes the timers that were cancelled since they were last taken.</summary>
    public IReadOnlyList<int> TakeCancelledTimers()
    {
        int[] taken = [.. cancelledTimers];
        cancelledTimers.Clear();
        return taken;
    }

    /// <summary>Whether it still matters: what answers to an action that has ended is dropped.</summary>
    public bool Awaits(HistoryEvent item) => item switch
    {
        TaskCompleted completed => tasks.Contains(completed.TaskId),
        TaskFailed failed => tasks.Contains(failed.TaskId),
        TimerFired fired => tasks.Contains(fired.TaskId),
        _ => true,
    };

    public void Complete(HistoryEvent item)
    {
        switch (item)
        {
            case TaskCompleted completed:
                tasks.Complete(completed.TaskId, completed.Result);
                break;
            case TaskFailed failed:
                tasks.Fail(failed.TaskId, new(failed.TaskId, failed.Failure, failed.CanRetry));
                break;
            case TimerFired fired:
                tasks.Complete(fired.TaskId, null);
                break;
            case EventRaised raised when Next is not null: // it belongs to the next generation already
                Next.Events.Add(raised);
                break;
            case EventRaised raised:
                events.Give(raised);
                break;
            default:
                throw new InvalidOperationException($"{item.GetType().Name} is not for an orchestrator.");
        }
    }

    private int NextId()
    {
        Enter();
        if (actions.Count >= services.MaxActionsPerStep)
            throw new InvalidOperationException(
                $"The orchestrator asked for {actions.Count} activities, timers or events without waiting for any: it seems to loop.");
        return nextId++;
    }

    private void Enter()
    {
        if (!thread.IsCurrent)
            thread.Send(_ => { }, null); // reports it
        if (!thread.IsCurrent)
            throw new ForeignAwaitException(ForeignAwaits.Message("The orchestrator used its context on another thread."));
    }
}

/// <param name="Value">Serialized; null when it was cleared.</param>
internal sealed record CustomStatus(string? Value);

/// <param name="Input">Serialized.</param>
/// <param name="Version">Null for the same.</param>
/// <param name="Events">What it is given first, oldest first.</param>
internal sealed record NextGeneration(string? Input, string? Version, List<EventRaised> Events);
