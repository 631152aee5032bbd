using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>
/// Projects, operations, claims and the outbox: the only authority on what was accepted and how it ended. Every method is one atomic
/// change, durable when it returns, and safe to repeat. Implementations are safe for concurrent use.
/// </summary>
public interface ICatalogue
{
    /// <summary>Registers a project. Repeating it with the same state is no change.</summary>
    /// <param name="slug">Its name.</param>
    /// <param name="state">HOT or COOL: where its data lies now.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellation">Gives up before the change is made.</param>
    /// <exception cref="ProjectExistsException">It is registered with another state.</exception>
    /// <exception cref="InvalidFieldException">The state is neither HOT nor COOL.</exception>
    Task<Project> AddProjectAsync(ProjectSlug slug, LifecycleState state, Caller caller, CancellationToken cancellation);

    Task<Project?> FindProjectAsync(ProjectSlug slug, CancellationToken cancellation);

    /// <summary>Projects by slug, after <paramref name="after"/>, at most <paramref name="limit"/> (1 to 1000).</summary>
    Task<IReadOnlyList<Project>> ListProjectsAsync(ProjectSlug? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Forgets a project and its place in the lists; its operations stay known for ever, so no id is ever used again. No effect on a
    /// project that is not registered.
    /// </summary>
    /// <exception cref="ProjectBusyException">An operation holds it.</exception>
    Task RemoveProjectAsync(ProjectSlug slug, Caller caller, CancellationToken cancellation);

    /// <summary>
    /// Records an operation as PENDING and claims the project for it, if this key was never accepted; else returns what is recorded,
    /// without any change (the result of one that has ended is put in the outbox again). The state is not changed before
    /// <see cref="StartAsync"/>. With the client as the authority on state (drop-in), any project is accepted in any state.
    /// </summary>
    /// <exception cref="ProjectUnknownException">The project is not registered.</exception>
    /// <exception cref="ProjectBusyException">Another operation or deletion holds the project.</exception>
    /// <exception cref="InvalidTransitionException">The project's state does not allow it.</exception>
    /// <exception cref="RetryTypeException">The project is in ERROR after the other type.</exception>
    /// <exception cref="NotEligibleException">The request wants the date checked, and it has not come.</exception>
    /// <exception cref="ProjectPinnedException">The request wants the pin checked, and it holds.</exception>
    Task<Acceptance> AcceptAsync(OperationRequest request, CancellationToken cancellation);

    /// <summary>Everything for which <see cref="AcceptAsync"/> would refuse a new request now, the most important first. Changes nothing.</summary>
    Task<IReadOnlyList<OperationError>> FindRefusalsAsync(OperationRequest request, CancellationToken cancellation);

    Task<LifecycleOperation?> FindOperationAsync(OperationKey key, CancellationToken cancellation);

    /// <summary>Every operation with this id: one, unless a caller used the id for several projects or types.</summary>
    Task<IReadOnlyList<LifecycleOperation>> FindOperationsAsync(Guid id, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<OperationPage> ListOperationsAsync(OperationQuery query, CancellationToken cancellation);

    /// <summary>PENDING becomes RUNNING and the project COOLING or RESTORING; repeated, it returns what is recorded, terminal or not.</summary>
    /// <exception cref="OperationUnknownException">No such operation (so do all methods below that change one).</exception>
    Task<LifecycleOperation> StartAsync(OperationKey key, CancellationToken cancellation);

    /// <summary>Stores what the agent tells. No effect on an operation that has ended.</summary>
    Task<LifecycleOperation> ReportAsync(OperationKey key, DataSize? total, DataSize copied, double percent, IReadOnlyList<string> azCopyJobs, CancellationToken cancellation);

    /// <summary>
    /// In one commit: the terminal status, the project's state (the destination's, ERROR, or unchanged when the outcome says so), the
    /// claim and the slot released, the result put in the outbox. An operation that has ended already is returned as it is.
    /// </summary>
    Task<LifecycleOperation> FinishAsync(OperationKey key, OperationOutcome outcome, CancellationToken cancellation);

    /// <summary>The deletion of the source of <paramref name="key"/>; null when the operation is unknown.</summary>
    Task<SourceDeletion?> FindDeletionAsync(OperationKey key, CancellationToken cancellation);

    /// <summary>
    /// Records that the source of a finished operation is to be deleted, and claims the project for it. Running or succeeded already:
    /// returned as it is; failed: a new generation. With the client as the authority on state (drop-in) nothing but the repeat is looked at
    /// here: what stands in the way is found out, and told, by the deletion itself.
    /// </summary>
    /// <exception cref="OperationUnknownException">No such operation.</exception>
    /// <exception cref="ProjectBusyException">Another operation holds the project.</exception>
    /// <exception cref="DeletionRefusedException">
    /// The operation has not succeeded, is not the last that did, compared no contents, or the project's data does not live where it went.
    /// </exception>
    Task<SourceDeletion> AcceptDeletionAsync(DeletionRequest request, CancellationToken cancellation);

    /// <summary>Whether this generation of the deletion runs and holds the project; it takes the claim when the project is free.</summary>
    Task<bool> TryClaimDeletionAsync(OperationKey key, int generation, CancellationToken cancellation);

    /// <summary>In one commit: the outcome of this generation, the claim released, the result put in the outbox.</summary>
    Task<SourceDeletion> FinishDeletionAsync(OperationKey key, int generation, DataSize? removed, OperationError? error, CancellationToken cancellation);

    /// <summary>Everything accepted and not ended: what the reconciler looks after.</summary>
    Task<IReadOnlyList<UnfinishedWork>> ListUnfinishedAsync(CancellationToken cancellation);

    /// <summary>Takes one of <paramref name="limit"/> slots of the whole fleet for a running transfer, or says no. Repeated by its holder it says yes.</summary>
    /// <exception cref="OperationTerminalException">The operation has ended: it holds no slot any more and gets none.</exception>
    Task<bool> TryTakeSlotAsync(OperationKey key, int limit, CancellationToken cancellation);
}

/// <param name="Name">A token's name, <c>euphrosyne</c>, <c>night</c>, <c>service</c>.</param>
/// <param name="From">The address it came from; null for the service itself.</param>
public sealed record Caller(string Name, string? From = null)
{
    public static Caller Service { get; } = new("service");
}

/// <param name="Operation">What is recorded.</param>
/// <param name="IsNew">False when the key had been accepted before.</param>
public sealed record Acceptance(LifecycleOperation Operation, bool IsNew);

/// <param name="Key">Project, type and id.</param>
/// <param name="RequestedBy">Who asks.</param>
/// <param name="Expected">What the caller says the source holds, or null.</param>
public sealed record OperationRequest(OperationKey Key, string RequestedBy, DataSize? Expected = null)
{
    /// <summary>The address it came from; null for the service itself.</summary>
    public string? From { get; init; }

    /// <summary>How contents are to be compared: <c>sizes</c>, <c>sample:N%</c> or <c>full</c>; null for what the settings say.</summary>
    public string? Proof { get; init; }

    /// <summary>The failed operation that this one repeats; null for none.</summary>
    public Guid? RetryOf { get; init; }

    /// <summary>Whether a COOL from HOT needs that the project is eligible and not pinned.</summary>
    public EligibilityCheck Eligibility { get; init; }

    /// <summary>An operation that has not begun by then ends without touching anything; null for no limit.</summary>
    public DateTimeOffset? StartBefore { get; init; }

    /// <summary>Whether a COOL may go on although it costs more than it saves.</summary>
    public bool IgnoreCost { get; init; }

    /// <summary>Whether what lies at the destination of a COOL and no manifest explains may be overwritten and removed.</summary>
    public bool TakeOver { get; init; }

    /// <summary>What the audit says of it beside who asked for what; null for nothing.</summary>
    public string? Detail => string.Join(", ", new[]
    {
        RetryOf is { } failed ? $"retry of {failed:D}" : null,
        IgnoreCost ? "whatever it costs" : null,
        TakeOver ? "takes over what lies at the destination" : null,
    }.OfType<string>()) is { Length: > 0 } detail ? detail : null;
}

/// <summary>How the date from which on a project may go cool, and its pin, count for a COOL from HOT.</summary>
public enum EligibilityCheck
{
    /// <summary>Not at all: the client has checked.</summary>
    None,

    /// <summary>They must allow it.</summary>
    Enforced,

    /// <summary>A person has put them aside, which the audit says.</summary>
    Forced,
}

/// <param name="Project">Only this project's; null for all.</param>
/// <param name="Status">Only with this status; null for all.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="Continuation">From the page before; null for the first.</param>
public sealed record OperationQuery(ProjectSlug? Project = null, OperationStatus? Status = null, int Limit = 100, string? Continuation = null);

/// <param name="Operations">Newest first.</param>
/// <param name="Continuation">Null when this is the last page.</param>
public sealed record OperationPage(IReadOnlyList<LifecycleOperation> Operations, string? Continuation);

/// <summary>How an operation ends. Without an error it succeeds, if the two sizes agree.</summary>
public sealed record OperationOutcome
{
    public OperationError? Error { get; init; }

    public DataSize? Total { get; init; }

    public DataSize? Copied { get; init; }

    public string? Proof { get; init; }

    public bool Unwitnessed { get; init; }

    public IReadOnlyList<string> AzCopyJobs { get; init; } = [];

    /// <summary>
    /// The operation was refused before anything was written anywhere: the project goes back to the state it had, instead of ERROR.
    /// </summary>
    public bool NothingTouched { get; init; }
}

/// <param name="Key">The operation whose source is deleted.</param>
/// <param name="RequestedBy">Who asks.</param>
/// <param name="Expected">What the caller says the retained side holds, or null.</param>
public sealed record DeletionRequest(OperationKey Key, string RequestedBy, DataSize? Expected = null)
{
    /// <summary>The address it came from; null for the service itself.</summary>
    public string? From { get; init; }
}

/// <param name="Key">The operation.</param>
/// <param name="Deletion">The generation of a running source deletion; null when the operation itself is unfinished.</param>
/// <param name="Status">The operation's status.</param>
public sealed record UnfinishedWork(OperationKey Key, int? Deletion, OperationStatus Status);
