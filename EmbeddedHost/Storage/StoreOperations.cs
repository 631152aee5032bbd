using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>One change of the task hub. Operations of one group are applied in order and become durable together.</summary>
internal abstract record StoreOperation
{
    /// <summary>Whether the one who asked waits and can be told that it failed; else the engine needs it done, sooner or later.</summary>
    public virtual bool IsRequest => true;
}

/// <summary>A new instance, pending until its first step.</summary>
/// <param name="Number">From <see cref="ITaskHubStore.NextInstance"/>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its orchestration.</param>
/// <param name="Version">Empty for none.</param>
/// <param name="Created">UTC.</param>
/// <param name="Start">The first row of its history.</param>
internal sealed record NewInstance(long Number, string Id, string Name, string Version, DateTime Created, HistoryStep Start)
{
    public ParentLink? Parent { get; init; }

    /// <summary>Null for at once; UTC.</summary>
    public DateTime? StartAt { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>W3C traceparent of whoever started it, or null.</summary>
    public string? Trace { get; init; }
}

/// <param name="Number">The parent.</param>
/// <param name="TaskId">The parent's action.</param>
/// <param name="Id">The parent's id.</param>
/// <param name="Name">The parent's orchestration.</param>
internal sealed record ParentLink(long Number, int TaskId, string Id, string Name);

/// <summary>Starts an instance, unless its id is taken in one of these statuses.</summary>
internal sealed record StartInstance(NewInstance Instance, IReadOnlySet<OrchestrationRuntimeStatus> Dedupe) : StoreOperation;

/// <summary>Puts a message into an instance's inbox.</summary>
internal sealed record SendMessage(string Target, HistoryEvent Message) : StoreOperation;

/// <summary>Sets an instance aside, with the reason, or releases it, with null.</summary>
internal sealed record SetAside(long Instance, string? Reason) : StoreOperation
{
    public override bool IsRequest => false;
}

/// <summary>Forgets instances that have ended.</summary>
internal sealed record PurgeInstances(IReadOnlyList<long> Instances, bool Recursive) : StoreOperation;

/// <summary>Counts a run that a crash of the process may have ended, before it is repeated.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="TaskId">Its activity; null for a step of the instance itself.</param>
internal sealed record CountSuspect(long Instance, int? TaskId) : StoreOperation
{
    public override bool IsRequest => false;
}

/// <summary>Keeps where the schedule of a timer function stands.</summary>
internal sealed record SaveSchedule(string Name, ScheduleStatus Status) : StoreOperation;

/// <summary>Puts a failed instance back to an earlier step.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Steps">How many rows of its history stay.</param>
/// <param name="Activities">What has to run again.</param>
/// <param name="Timers">What has to fire.</param>
/// <param name="Children">What has to start again.</param>
/// <param name="Messages">What it has to be told again.</param>
/// <param name="Now">UTC.</param>
internal sealed record RewindInstance(
    long Instance,
    int Steps,
    IReadOnlyList<NewActivity> Activities,
    IReadOnlyList<NewTimer> Timers,
    IReadOnlyList<NewInstance> Children,
    IReadOnlyList<HistoryEvent> Messages,
    DateTime Now) : StoreOperation;

internal sealed record NewActivity(int TaskId, string Name, string? Input);

internal sealed record NewTimer(int TaskId, DateTime Due);

/// <param name="Target">Its id, when only that is known.</param>
/// <param name="Number">Its number, when that is known.</param>
/// <param name="Message">What it is told.</param>
internal sealed record Outgoing(string? Target, long? Number, HistoryEvent Message);

/// <summary>All that one step of an instance changes.</summary>
internal sealed record CommitStep : StoreOperation
{
    public override bool IsRequest => false;

    public required long Instance { get; init; }

    public required int Generation { get; init; }

    public required OrchestrationRuntimeStatus Status { get; init; }

    /// <summary>Whether the row has another status so far.</summary>
    public required bool StatusChanges { get; init; }

    public required DateTime Now { get; init; }

    /// <summary>The row's place in its generation, and the row; null with a new generation.</summary>
    public (int Number, HistoryStep Step)? Row { get; init; }

    /// <summary>The first row of the next generation, and its version; the history so far is dropped.</summary>
    public (HistoryStep Start, string Version)? NextGeneration { get; init; }

    /// <summary>Null to leave it as it is.</summary>
    public CustomStatus? CustomStatus { get; init; }

    public string? Output { get; init; }

    public Durable.TaskFailureDetails? Failure { get; init; }

    /// <summary>Messages of the inbox that were told.</summary>
    public IReadOnlyList<long> Messages { get; init; } = [];

    /// <summary>Activities that ended.</summary>
    public IReadOnlyList<int> EndedActivities { get; init; } = [];

    /// <summary>Timers that fired or were cancelled.</summary>
    public IReadOnlyList<int> EndedTimers { get; init; } = [];

    public IReadOnlyList<NewActivity> Activities { get; init; } = [];

    public IReadOnlyList<NewTimer> Timers { get; init; } = [];

    public IReadOnlyList<NewInstance> Children { get; init; } = [];

    public IReadOnlyList<Outgoing> Outgoing { get; init; } = [];

    /// <summary>What all children that have not ended are told; null for nothing.</summary>
    public HistoryEvent? ToChildren { get; init; }

    /// <summary>Whether the instance has ended, and nothing may be left of its work.</summary>
    public bool Final { get; init; }
}
