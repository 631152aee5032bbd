using Microsoft.Data.Sqlite;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Sqlite;

/// <summary>The catalogue in a SQLite file.</summary>
/// <param name="database">The file.</param>
/// <param name="time">What time it is.</param>
/// <param name="dropIn">
/// True when Euphrosyne keeps the lifecycle state: any project is accepted in any state, no state is kept here, and results go to the
/// outbox.
/// </param>
/// <param name="zone">Where projects have their days; null for Paris.</param>
public sealed class SqliteCatalogue(SqliteDatabase database, TimeProvider time, bool dropIn, LocalZone? zone = null) : ICatalogue
{
    private const int MaxLimit = 1000;
    private readonly LocalZone zone = zone ?? LocalZone.Paris;

    public Task<Project> AddProjectAsync(ProjectSlug slug, LifecycleState state, Caller caller, CancellationToken cancellation)
    {
        if (state is not (LifecycleState.Hot or LifecycleState.Cool))
            throw new InvalidFieldException("state", "must be HOT or COOL");
        return WriteAsync(catalogue => catalogue.Register(new ProjectRegistration(slug, state), caller) is { Refusal: { } refusal } ? throw refusal : catalogue.FindProject(slug)!, cancellation);
    }

    public Task<Project?> FindProjectAsync(ProjectSlug slug, CancellationToken cancellation) =>
        ReadAsync(catalogue => catalogue.FindProject(slug), cancellation);

    public Task<IReadOnlyList<Project>> ListProjectsAsync(ProjectSlug? after, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, MaxLimit);
        return ReadAsync(catalogue => catalogue.ListProjects(after, limit), cancellation);
    }

    public Task RemoveProjectAsync(ProjectSlug slug, Caller caller, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            catalogue.CheckFree(slug);
            bool removed = catalogue.RemoveProject(slug);
            if (removed)
                catalogue.Audit(caller, AuditActions.ProjectRemove, AuditOutcomes.Accepted, slug);
            return removed;
        },
        cancellation);

    public Task<Acceptance> AcceptAsync(OperationRequest request, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            OperationKey key = request.Key;
            Caller caller = new(request.RequestedBy, request.From);
            if (catalogue.FindOperation(key) is { } recorded)
            {
                if (recorded.IsTerminal)
                    catalogue.SendAgain(key, isDeletion: false);
                catalogue.Audit(caller, AuditActions.Operation, AuditOutcomes.Repeated, key);
                return new Acceptance(recorded, IsNew: false);
            }
            if (Refusals(catalogue, request).FirstOrDefault() is { } refusal)
                throw refusal;
            LifecycleOperation operation = new(key, time.GetUtcNow())
            {
                Expected = request.Expected,
                RequestedProof = request.Proof,
                RequestedBy = request.RequestedBy,
                IgnoreCost = request.IgnoreCost,
                TakeOver = request.TakeOver,
                StartBefore = request.StartBefore,
            };
            catalogue.Add(operation);
            catalogue.Claim(key.Project, key.InstanceId);
            catalogue.Audit(caller, AuditActions.Operation, AuditOutcomes.Accepted, key, Join(request.Detail, Forced(catalogue, request)));
            return new Acceptance(operation, IsNew: true);
        },
        cancellation);

    public Task<IReadOnlyList<OperationError>> FindRefusalsAsync(OperationRequest request, CancellationToken cancellation) => ReadAsync<IReadOnlyList<OperationError>>(
        catalogue => [.. Refusals(catalogue, request).Select(refusal => new OperationError(refusal.Code, refusal.Message))], cancellation);

    public Task<LifecycleOperation?> FindOperationAsync(OperationKey key, CancellationToken cancellation) =>
        ReadAsync(catalogue => catalogue.FindOperation(key), cancellation);

    public Task<IReadOnlyList<LifecycleOperation>> FindOperationsAsync(Guid id, CancellationToken cancellation) =>
        ReadAsync(catalogue => catalogue.FindOperations(id), cancellation);

    public Task<OperationPage> ListOperationsAsync(OperationQuery query, CancellationToken cancellation)
    {
        Limit.Check(query.Limit, MaxLimit);
        long before = Continuation.Sequence(query.Continuation);
        return ReadAsync(catalogue => catalogue.ListOperations(query, before), cancellation);
    }

    public Task<LifecycleOperation> StartAsync(OperationKey key, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            LifecycleOperation operation = catalogue.Operation(key);
            if (operation.Status != OperationStatus.Pending)
                return operation;
            LifecycleState? before = null;
            if (!dropIn && catalogue.FindProject(key.Project) is { } project)
            {
                before = project.State;
                catalogue.Move(key.Project, LifecycleTransitions.CheckStart(project.State, key.Type, project.LastOperation?.Type));
                catalogue.SetLastOperation(key);
            }
            return catalogue.Update(operation.Start(time.GetUtcNow()), before);
        },
        cancellation);

    public Task<LifecycleOperation> ReportAsync(
        OperationKey key, DataSize? total, DataSize copied, double percent, IReadOnlyList<string> azCopyJobs, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            LifecycleOperation operation = catalogue.Operation(key);
            LifecycleOperation told = operation.IsTerminal ? operation : operation.Report(total, copied, percent, azCopyJobs);
            return told == operation ? operation : catalogue.Update(told);
        },
        cancellation);

    public Task<LifecycleOperation> FinishAsync(OperationKey key, OperationOutcome outcome, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            LifecycleOperation operation = catalogue.Operation(key);
            if (operation.IsTerminal)
                return operation;
            LifecycleOperation finished = CatalogueRules.Finish(operation, outcome, time.GetUtcNow());
            if (!dropIn && catalogue.FindProject(key.Project) is { } project)
            {
                catalogue.Move(key.Project, CatalogueRules.StateAfter(project.State, catalogue.StateBefore(key), finished, outcome.NothingTouched));
                catalogue.SetLastOperation(key);
                if (finished is { Status: OperationStatus.Succeeded, Key.Type: OperationType.Restore, FinishedAt: { } restoredAt })
                    catalogue.SetRestored(key.Project, restoredAt);
            }
            catalogue.Update(finished);
            catalogue.Release(key.Project, key.InstanceId);
            if (dropIn)
                catalogue.Send(key, isDeletion: false, ClientResult.Of(finished));
            catalogue.Audit(Caller.Service, AuditActions.Operation, Outcome(finished.Error), key, finished.Error?.Message);
            return finished;
        },
        cancellation);

    public Task<SourceDeletion?> FindDeletionAsync(OperationKey key, CancellationToken cancellation) => ReadAsync(
        catalogue => catalogue.FindDeletion(key) ?? (catalogue.FindOperation(key) is null ? null : SourceDeletion.None),
        cancellation);

    public Task<SourceDeletion> AcceptDeletionAsync(DeletionRequest request, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            OperationKey key = request.Key;
            Caller caller = new(request.RequestedBy, request.From);
            LifecycleOperation? operation = dropIn ? catalogue.FindOperation(key) : catalogue.Operation(key);
            SourceDeletion deletion = catalogue.FindDeletion(key) ?? SourceDeletion.None;
            if (deletion.Status is DeletionStatus.Running or DeletionStatus.Succeeded)
            {
                if (deletion.Status == DeletionStatus.Succeeded)
                    catalogue.SendAgain(key, isDeletion: true);
                catalogue.Audit(caller, AuditActions.SourceDeletion, AuditOutcomes.Repeated, key);
                return deletion;
            }
            if (!dropIn)
            {
                catalogue.CheckFree(key.Project);
                Project project = catalogue.FindProject(key.Project) ?? throw new ProjectUnknownException(key.Project);
                CatalogueRules.CheckDeletion(operation!, project.State, catalogue.LastSucceeded(key.Project));
            }
            SourceDeletion accepted = new(DeletionStatus.Running)
            {
                Expected = request.Expected,
                Generation = deletion.Generation + 1,
                RequestedBy = request.RequestedBy,
                RequestedAt = time.GetUtcNow(),
            };
            catalogue.SettleDeletion(key);
            catalogue.Put(key, accepted);
            catalogue.TryClaim(key.Project, key.DeletionInstanceId); // in drop-in mode something else may hold it: then the deletion says so
            catalogue.Audit(caller, AuditActions.SourceDeletion, AuditOutcomes.Accepted, key);
            return accepted;
        },
        cancellation);

    public Task<bool> TryClaimDeletionAsync(OperationKey key, int generation, CancellationToken cancellation) => WriteAsync(
        catalogue => catalogue.FindDeletion(key) is { Status: DeletionStatus.Running } running
            && running.Generation == generation
            && catalogue.TryClaim(key.Project, key.DeletionInstanceId),
        cancellation);

    public Task<SourceDeletion> FinishDeletionAsync(OperationKey key, int generation, DataSize? removed, OperationError? error, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            SourceDeletion deletion = catalogue.FindDeletion(key) ?? throw new OperationUnknownException(key);
            if (deletion.Status != DeletionStatus.Running || deletion.Generation != generation)
                return deletion;
            SourceDeletion finished = deletion with
            {
                Status = error is null ? DeletionStatus.Succeeded : DeletionStatus.Failed,
                FinishedAt = time.GetUtcNow(),
                Removed = removed,
                Error = error,
            };
            catalogue.Put(key, finished);
            catalogue.Release(key.Project, key.DeletionInstanceId);
            if (dropIn)
                catalogue.Send(key, isDeletion: true, ClientResult.Of(key, finished));
            catalogue.Audit(Caller.Service, AuditActions.SourceDeletion, Outcome(error), key, error?.Message ?? (removed is { } size ? $"removed {size}" : null));
            return finished;
        },
        cancellation);

    public Task<IReadOnlyList<UnfinishedWork>> ListUnfinishedAsync(CancellationToken cancellation) =>
        ReadAsync(catalogue => catalogue.ListUnfinished(), cancellation);

    public Task<bool> TryTakeSlotAsync(OperationKey key, int limit, CancellationToken cancellation) => WriteAsync(
        catalogue =>
        {
            LifecycleOperation operation = catalogue.Operation(key);
            return operation.IsTerminal ? throw new OperationTerminalException(operation) : catalogue.TryTakeSlot(key.InstanceId, limit);
        },
        cancellation);

    /// <summary>Everything that keeps a request from being accepted now, most important first.</summary>
    private IEnumerable<TieringException> Refusals(CatalogueSession catalogue, OperationRequest request)
    {
        OperationKey key = request.Key;
        Project? project = dropIn ? null : catalogue.FindProject(key.Project);
        if (!dropIn && project is null)
            yield return new ProjectUnknownException(key.Project);
        if (catalogue.HolderOf(key.Project) is { } holder)
            yield return new ProjectBusyException(key.Project, holder);
        if (project is not null && LifecycleTransitions.FindRefusal(project.State, key.Type, project.LastOperation?.Type) is { } illegal)
            yield return illegal;
        if (project is not null && request.Eligibility == EligibilityCheck.Enforced)
        {
            foreach (TieringException obstacle in CatalogueRules.CoolingObstacles(project, key.Type, Today))
                yield return obstacle;
        }
    }

    /// <summary>What the caller has put aside; null for nothing.</summary>
    private string? Forced(CatalogueSession catalogue, OperationRequest request) =>
        !dropIn && request.Eligibility == EligibilityCheck.Forced && catalogue.FindProject(request.Key.Project) is { } project
        && CatalogueRules.CoolingObstacles(project, request.Key.Type, Today).ToList() is { Count: > 0 } obstacles
            ? $"forced: {string.Join(" ", obstacles.Select(obstacle => obstacle.Message))}"
            : null;

    private static string? Join(string? one, string? other) => one is null || other is null ? one ?? other : $"{one}; {other}";

    private DateOnly Today => zone.DateOf(time.GetUtcNow());

    private static string Outcome(OperationError? error) => error is null ? AuditOutcomes.Succeeded : AuditOutcomes.Failed;

    private Task<T> ReadAsync<T>(Func<CatalogueSession, T> read, CancellationToken cancellation) =>
        database.ReadAsync(connection => read(Session(connection)), cancellation);

    private Task<T> WriteAsync<T>(Func<CatalogueSession, T> write, CancellationToken cancellation) =>
        database.WriteAsync(connection => write(Session(connection)), cancellation);

    private CatalogueSession Session(SqliteConnection connection) => new(connection, time.GetUtcNow(), zone);
}
