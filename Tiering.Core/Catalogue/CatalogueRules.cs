using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>What a change does to an operation and to its project: pure, and the same for every adapter of <see cref="ICatalogue"/>.</summary>
public static class CatalogueRules
{
    /// <summary>The operation, ended as the outcome says; an outcome that claims success without the counts that prove it is a failure.</summary>
    /// <exception cref="OperationTerminalException">The operation has ended.</exception>
    public static LifecycleOperation Finish(LifecycleOperation operation, OperationOutcome outcome, DateTimeOffset now)
    {
        LifecycleOperation told = operation.Report(total: null, copied: default, percent: 0, outcome.AzCopyJobs);
        return outcome switch
        {
            { Error: { } error } => told.Report(outcome.Total, copied: default, percent: 0, azCopyJobs: []).Fail(now, error),
            { Total: { } total, Copied: { } copied, Proof: { } proof } => told.Succeed(now, total, copied, proof, outcome.Unwitnessed),
            _ => told.Fail(now, new OperationError("verification-missing", "The transfer ended without the counts that would prove it.")),
        };
    }

    /// <summary>The project's state once <paramref name="finished"/> has ended.</summary>
    /// <param name="state">The state now.</param>
    /// <param name="before">The state before the operation started; null when it never started.</param>
    /// <param name="finished">The ended operation.</param>
    /// <param name="nothingTouched">Whether it was refused before anything was written anywhere.</param>
    public static LifecycleState StateAfter(LifecycleState state, LifecycleState? before, LifecycleOperation finished, bool nothingTouched)
    {
        bool succeeded = finished.Status == OperationStatus.Succeeded;
        if (!succeeded && (before is null || nothingTouched))
            return before ?? state;
        LifecycleState moving = before is null ? LifecycleTransitions.Next(state, StartOf(finished.Key.Type)) : state;
        return LifecycleTransitions.Next(moving, succeeded ? LifecycleTrigger.Verified : LifecycleTrigger.Failed);
    }

    /// <summary>Whether the source of an operation may be deleted, the project being free.</summary>
    /// <param name="operation">The operation whose source it is.</param>
    /// <param name="state">The project's state.</param>
    /// <param name="lastSucceeded">The latest operation that succeeded since the project was registered; null for none.</param>
    /// <exception cref="DeletionRefusedException">It may not; the message says why.</exception>
    public static void CheckDeletion(LifecycleOperation operation, LifecycleState state, OperationKey? lastSucceeded)
    {
        OperationKey key = operation.Key;
        LifecycleState safe = key.DestinationRole == StorageRole.Cool ? LifecycleState.Cool : LifecycleState.Hot;
        string? refusal = operation switch
        {
            { Status: not OperationStatus.Succeeded } => "it has not succeeded",
            _ when state != safe => $"the project is {Upper(state)}, not {Upper(safe)}",
            _ when key != lastSucceeded => "a later operation has moved the project since",
            { Total: null } => "its totals are not known, so nothing tells whether all of it is on the other side",
            { Proof: null or "sizes" } => "it compared sizes only, and sizes alone prove no content",
            _ => null,
        };
        if (refusal is not null)
            throw new DeletionRefusedException(key, refusal);
    }

    /// <summary>Why a COOL of a project that is HOT needs to be forced; nothing stands in the way of a RESTORE, or of a retry from ERROR.</summary>
    public static IEnumerable<TieringException> CoolingObstacles(Project project, OperationType type, DateOnly today)
    {
        if (type != OperationType.Cool || project.State != LifecycleState.Hot)
            yield break;
        if (project.Pin is { } pin && pin.HoldsOn(today))
            yield return new ProjectPinnedException(project);
        if (!Eligibility.IsDue(project.CoolingEligibleAt, today))
            yield return new NotEligibleException(project);
    }

    /// <summary>Whether the project may be written to.</summary>
    /// <exception cref="ProjectImmutableException">It may not.</exception>
    public static void CheckWritable(Project project)
    {
        if (project.State != LifecycleState.Hot)
            throw new ProjectImmutableException(project.Slug, project.State);
    }

    private static LifecycleTrigger StartOf(OperationType type) =>
        type == OperationType.Cool ? LifecycleTrigger.CoolStarted : LifecycleTrigger.RestoreStarted;

    private static string Upper(LifecycleState state) => state.ToString().ToUpperInvariant();
}
