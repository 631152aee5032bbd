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

/// <param name="CreatedFrom">UTC, inclusive.</param>
/// <param name="CreatedTo">UTC, inclusive.</param>
/// <param name="Statuses">Null or empty for all.</param>
/// <param name="Prefix">Of the id.</param>
/// <param name="After">Only numbers above it.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="SetAside">Only those set aside.</param>
internal sealed record InstanceFilter(
    DateTime? CreatedFrom, DateTime? CreatedTo, IReadOnlyCollection<OrchestrationRuntimeStatus>? Statuses, string? Prefix, long After, int Limit,
    bool SetAside = false);
