using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

internal enum InstanceState
{
    Idle,
    Ready,
    Stepping,
    Committing,
}

/// <summary>An instance that has something to do, or is kept as running code. Used under the engine's lock, or by its step.</summary>
internal sealed class Instance(long number)
{
    public long Number { get; } = number;

    public InstanceState State { get; set; }

    /// <summary>What it is to be told, in order.</summary>
    public Queue<Message> Inbox { get; } = [];

    /// <summary>Null until it is read from the store.</summary>
    public StoredInstance? Stored { get; set; }

    public OrchestrationRuntimeStatus Status { get; set; }

    public int Generation { get; set; }

    /// <summary>What the generation begins with; null when its first step is done.</summary>
    public HistoryStep? Start { get; set; }

    /// <summary>Whether the timer of a later start has fired.</summary>
    public bool StartFired { get; set; }

    /// <summary>Whether the time of its start has come.</summary>
    public bool MayStart => StartFired || Stored is not { StartDue: not null };

    /// <summary>Rows of the current generation.</summary>
    public int Rows { get; set; }

    /// <summary>The time of its last step.</summary>
    public DateTime LastTime { get; set; }

    /// <summary>The running code; null when it has to be replayed first.</summary>
    public OrchestrationExecution? Execution { get; set; }

    /// <summary>Why its code no longer fits its history; null when it does.</summary>
    public NonDeterministicOrchestrationException? Mismatch { get; set; }

    /// <summary>What its custom status is, once it is known.</summary>
    public CustomStatus? CustomStatus { get; set; }

    public bool IsSetAside { get; set; }

    /// <summary>Ended, replaced, purged, or given up: nothing that comes of it counts.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether its next step may be one that a crash has ended before.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Whether it waits until another suspect has had its step.</summary>
    public bool IsParked { get; set; }

    /// <summary>Whether its step never ended, and another may take its place.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>What brings back activities that were held with it.</summary>
    public List<Action> HeldActivities { get; } = [];

    /// <summary>Since when it has waited for its step.</summary>
    public DateTimeOffset ReadySince { get; set; }

    /// <summary>When its step began; for the watch over steps that never end.</summary>
    public long StepBegan { get; set; }

    /// <summary>Its place among the waiting ones that are kept; null when it is not among them.</summary>
    public LinkedListNode<Instance>? Kept { get; set; }

    /// <summary>Whether it has to be looked at, though there may be no message for it.</summary>
    public bool IsWoken { get; set; }

    public bool CanStep => !IsGone && !IsParked && this switch
    {
        { IsSetAside: true } => IsToEnd,
        { Stored: null } => IsWoken || Inbox.Count > 0,
        { Start: null } => Inbox.Count > 0,
        _ => MayStart || IsToEnd,
    };

    /// <summary>Whether memory alone knows something of it.</summary>
    public bool MustStay => Inbox.Count > 0 || IsSetAside || IsParked || IsWoken || HeldActivities.Count > 0;

    private bool IsToEnd => Inbox.Any(message => message.Event is ExecutionTerminated);
}

/// <param name="Event">What it says.</param>
/// <param name="InboxNumber">Its place in the stored inbox; null when it is not stored.</param>
/// <param name="Generation">Whom it is for; null for whoever is there.</param>
/// <param name="Origin">What it comes of.</param>
/// <param name="Due">When a timer was due; UTC.</param>
internal readonly record struct Message(
    HistoryEvent Event, long? InboxNumber = null, int? Generation = null, MessageOrigin Origin = MessageOrigin.Inbox, DateTime Due = default);

internal enum MessageOrigin
{
    Inbox,
    Activity,
    Timer,
}
