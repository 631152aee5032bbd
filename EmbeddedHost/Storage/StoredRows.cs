using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Storage;

/// <summary>An instance as it is stored, without its history.</summary>
internal sealed record StoredInstance
{
    public required long Number { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required OrchestrationRuntimeStatus Status { get; init; }

    public required int Generation { get; init; }

    public required DateTime Created { get; init; }

    public required DateTime Updated { get; init; }

    public string? CustomStatus { get; init; }

    public string? Output { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? Trace { get; init; }

    public ParentLink? Parent { get; init; }

    /// <summary>When it is to start; null when that is not ahead of it.</summary>
    public DateTime? StartDue { get; init; }

    /// <summary>How many steps in a row a crash of the process may have ended.</summary>
    public int Suspicions { get; init; }

    /// <summary>Why it was set aside; null when it was not.</summary>
    public string? SetAside { get; init; }

    public bool HasEnded => Status
        is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;
}

/// <param name="Instance">Whose it is.</param>
/// <param name="TaskId">Its action.</param>
/// <param name="Name">The activity's.</param>
/// <param name="Suspicions">How many runs in a row a crash of the process may have ended.</param>
internal sealed record StoredActivity(long Instance, int TaskId, string Name, int Suspicions);

/// <param name="Instance">Whose it is.</param>
/// <param name="TaskId">Its action; <see cref="Start"/> for the start of the instance itself.</param>
/// <param name="Due">UTC.</param>
internal sealed record StoredTimer(long Instance, int TaskId, DateTime Due)
{
    public const int Start = -1;
}

/// <summary>What a store holds that the engine has to go on with.</summary>
/// <param name="EndedCleanly">Whether the process that had it last closed it.</param>
/// <param name="Pending">Instances whose generation has not had its first step, those with a later start left out.</param>
/// <param name="Activities">All that have not ended.</param>
/// <param name="Inboxes">All messages that were not told, in order.</param>
internal sealed record Leftovers(
    bool EndedCleanly, IReadOnlyList<long> Pending, IReadOnlyList<StoredActivity> Activities, IReadOnlyList<Delivery> Inboxes);

/// <summary>Which instances to list. All conditions hold at once.</summary>
internal sealed record InstanceFilter
{
    /// <summary>At most so many.</summary>
    public required int Limit { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTime? CreatedFrom { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTime? CreatedTo { get; init; }

    /// <summary>Null or empty for all.</summary>
    public IReadOnlyCollection<OrchestrationRuntimeStatus>? Statuses { get; init; }

    /// <summary>Of the id; null or empty for all.</summary>
    public string? Prefix { get; init; }

    /// <summary>The last one of the page before; null for the first page.</summary>
    public InstanceCursor? After { get; init; }

    /// <summary>Only those set aside.</summary>
    public bool SetAside { get; init; }
}
