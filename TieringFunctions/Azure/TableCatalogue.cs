using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The catalogue in Azure tables.</summary>
/// <param name="storage">The tables.</param>
/// <param name="dropIn">
/// True when Euphrosyne keeps the lifecycle state: any project is accepted in any state, no state is kept here, and results go to the
/// outbox.
/// </param>
/// <param name="zone">Where projects have their days; null for Paris.</param>
public sealed partial class TableCatalogue(TableStorage storage, bool dropIn, LocalZone? zone = null) : ICatalogue
{
    private const int MaxLimit = 1000;

    private readonly LocalZone zone = zone ?? LocalZone.Paris;

    private readonly FleetSlots slots = new(storage);

    public async Task<Project> AddProjectAsync(ProjectSlug slug, LifecycleState state, Caller caller, CancellationToken cancellation)
    {
        if (state is not (LifecycleState.Hot or LifecycleState.Cool))
            throw new InvalidFieldException("state", "must be HOT or COOL");
        return await ChangeAsync(
            slug,
            async project => await project.RegisterAsync(new ProjectRegistration(slug, state), caller) is { Refusal: { } refusal } ? throw refusal : (await project.FindProjectAsync())!,
            cancellation);
    }

    public async Task<Project?> FindProjectAsync(ProjectSlug slug, CancellationToken cancellation) =>
        CatalogueRows.ToProject(await storage.Rows.FindAsync(slug.Hash, CatalogueRows.ProjectKey, cancellation)) is { } project && project.Slug == slug ? project : null;

    public async Task<IReadOnlyList<Project>> ListProjectsAsync(ProjectSlug? after, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, MaxLimit);
        string from = after is null ? "" : CatalogueRows.NameOrder(after.Value) + '!'; // below every digit, so right behind it
        List<Project> projects = [];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.Projects, from, ListEntry.End, limit, cancellation))
        {
            projects.Add(CatalogueRows.ToProject(row)!);
            if (projects.Count == limit)
                break;
        }
        return projects;
    }

    public Task RemoveProjectAsync(ProjectSlug slug, Caller caller, CancellationToken cancellation) => ChangeAsync(
        slug,
        async project =>
        {
            await project.CheckFreeAsync();
            if (await project.FindProjectAsync() is null)
                return false;
            await project.RemoveProjectAsync();
            project.Audit(caller, AuditActions.ProjectRemove, AuditOutcomes.Accepted);
            return true;
        },
        cancellation);

    public Task<Acceptance> AcceptAsync(OperationRequest request, CancellationToken cancellation) => ChangeAsync(
        request.Key,
        async catalogue =>
        {
            OperationKey key = request.Key;
            Caller caller = new(request.RequestedBy, request.From);
            if (await catalogue.FindOperationAsync(key) is { } recorded)
            {
                if (recorded.IsTerminal)
                    await catalogue.SendAgainAsync(key, isDeletion: false);
                catalogue.Audit(caller, AuditActions.Operation, AuditOutcomes.Repeated, key);
                return new Acceptance(recorded, IsNew: false);
            }
            if ((await RefusalsAsync(catalogue, request)).FirstOrDefault() is { } refusal)
                throw refusal;
            LifecycleOperation operation = new(key, Now)
            {
                Expected = request.Expected,
                RequestedProof = request.Proof,
                RequestedBy = request.RequestedBy,
                IgnoreCost = request.IgnoreCost,
                TakeOver = request.TakeOver,
                StartBefore = request.StartBefore,
            };
            await catalogue.AddAsync(operation);
            await catalogue.ClaimAsync(key.InstanceId);
            catalogue.Audit(caller, AuditActions.Operation, AuditOutcomes.Accepted, key, Join(request.Detail, await ForcedAsync(catalogue, request)));
            return new Acceptance(operation, IsNew: true);
        },
        cancellation);

    public Task<IReadOnlyList<OperationError>> FindRefusalsAsync(OperationRequest request, CancellationToken cancellation) => ChangeAsync<IReadOnlyList<OperationError>>(
        request.Key,
        async catalogue => [.. (await RefusalsAsync(catalogue, request)).Select(refusal => new OperationError(refusal.Code, refusal.Message))],
        cancellation);

    public async Task<LifecycleOperation?> FindOperationAsync(OperationKey key, CancellationToken cancellation) =>
        await storage.Rows.FindAsync(key.Project.Hash, CatalogueRows.OperationKeyOf(key), cancellation) is { } row ? CatalogueRows.ToOperation(row) : null;

    public async Task<IReadOnlyList<LifecycleOperation>> FindOperationsAsync(Guid id, CancellationToken cancellation)
    {
        List<LifecycleOperation> operations = [];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.OperationsOf(id), "", ListEntry.End, wanted: 10, cancellation))
            operations.Add(CatalogueRows.ToOperation(row));
        operations.Reverse(); // the list shows the newest first
        return operations;
    }

    public async Task<OperationPage> ListOperationsAsync(OperationQuery query, CancellationToken cancellation)
    {
        Limit.Check(query.Limit, MaxLimit);
        if (query.Continuation is { } token && !PlaceInOrder().IsMatch(token))
            throw new InvalidFieldException("continuation", "must be the text that came with the page before");
        string from = query.Continuation is { } last ? last + '!' : "";
        List<(string Key, TableRow Row)> rows = [];
        await foreach ((string key, TableRow row) in query.Project is { } project
            ? OperationsOfAsync(project, query.Status, from, cancellation)
            : storage.Lists.ReadAsync(ListOf(query.Status), from, ListEntry.End, query.Limit + 1, cancellation))
        {
            rows.Add((key, row));
            if (rows.Count > query.Limit)
                break;
        }
        bool isLast = rows.Count <= query.Limit;
        return new OperationPage([.. rows.Take(query.Limit).Select(found => CatalogueRows.ToOperation(found.Row))], isLast ? null : rows[query.Limit - 1].Key);
    }

    public Task<LifecycleOperation> StartAsync(OperationKey key, CancellationToken cancellation) => ChangeAsync(
        key,
        async catalogue =>
        {
            LifecycleOperation operation = await catalogue.OperationAsync(key);
            if (operation.Status != OperationStatus.Pending)
                return operation;
            LifecycleState? before = null;
            if (!dropIn && await catalogue.FindProjectAsync() is { } project)
            {
                before = project.State;
                await catalogue.MoveAsync(LifecycleTransitions.CheckStart(project.State, key.Type, project.LastOperation?.Type), key);
            }
            return await catalogue.UpdateAsync(operation.Start(Now), before);
        },
        cancellation);

    public Task<LifecycleOperation> ReportAsync(
        OperationKey key, DataSize? total, DataSize copied, double percent, IReadOnlyList<string> azCopyJobs, CancellationToken cancellation) => ChangeAsync(
        key,
        async catalogue =>
        {
            LifecycleOperation operation = await catalogue.OperationAsync(key);
            LifecycleOperation told = operation.IsTerminal ? operation : operation.Report(total, copied, percent, azCopyJobs);
            return told == operation ? operation : await catalogue.UpdateAsync(told);
        },
        cancellation);

    public async Task<LifecycleOperation> FinishAsync(OperationKey key, OperationOutcome outcome, CancellationToken cancellation)
    {
        LifecycleOperation ended = await ChangeAsync(
            key,
            async catalogue =>
            {
                LifecycleOperation operation = await catalogue.OperationAsync(key);
                if (operation.IsTerminal)
                    return operation;
                LifecycleOperation finished = CatalogueRules.Finish(operation, outcome, Now);
                if (!dropIn && await catalogue.FindProjectAsync() is { } project)
                {
                    await catalogue.MoveAsync(CatalogueRules.StateAfter(project.State, await catalogue.StateBeforeAsync(key), finished, outcome.NothingTouched), key);
                    if (finished.Status == OperationStatus.Succeeded)
                        await catalogue.SetLastSucceededAsync(key);
                    if (finished is { Status: OperationStatus.Succeeded, Key.Type: OperationType.Restore, FinishedAt: { } restoredAt })
                        await catalogue.SetRestoredAsync(restoredAt);
                }
                await catalogue.UpdateAsync(finished);
                await catalogue.ReleaseAsync(key.InstanceId);
                if (dropIn)
                    await catalogue.SendAsync(key, isDeletion: false, ClientResult.Of(finished));
                catalogue.Audit(Caller.Service, AuditActions.Operation, Outcome(finished.Error), key, finished.Error?.Message);
                return finished;
            },
            cancellation);
        await slots.GiveBackAsync(key, cancellation); // by the commit above it counts no more: this only tidies up
        return ended;
    }

    public async Task<SourceDeletion?> FindDeletionAsync(OperationKey key, CancellationToken cancellation) =>
        await storage.Rows.FindAsync(key.Project.Hash, CatalogueRows.DeletionKeyOf(key), cancellation) is { } row ? CatalogueRows.ToDeletion(row)
            : await FindOperationAsync(key, cancellation) is null ? null : SourceDeletion.None;

    public Task<SourceDeletion> AcceptDeletionAsync(DeletionRequest request, CancellationToken cancellation) => ChangeAsync(
        request.Key,
        async catalogue =>
        {
            OperationKey key = request.Key;
            Caller caller = new(request.RequestedBy, request.From);
            LifecycleOperation? operation = dropIn ? await catalogue.FindOperationAsync(key) : await catalogue.OperationAsync(key);
            SourceDeletion deletion = await catalogue.FindDeletionAsync(key) ?? SourceDeletion.None;
            if (deletion.Status is DeletionStatus.Running or DeletionStatus.Succeeded)
            {
                if (deletion.Status == DeletionStatus.Succeeded)
                    await catalogue.SendAgainAsync(key, isDeletion: true);
                catalogue.Audit(caller, AuditActions.SourceDeletion, AuditOutcomes.Repeated, key);
                return deletion;
            }
            if (!dropIn)
            {
                await catalogue.CheckFreeAsync();
                Project project = await catalogue.FindProjectAsync() ?? throw new ProjectUnknownException(key.Project);
                CatalogueRules.CheckDeletion(operation!, project.State, await catalogue.LastSucceededAsync());
            }
            SourceDeletion accepted = new(DeletionStatus.Running)
            {
                Expected = request.Expected,
                Generation = deletion.Generation + 1,
                RequestedBy = request.RequestedBy,
                RequestedAt = Now,
            };
            await catalogue.SettleDeletionAsync(key);
            await catalogue.PutAsync(key, accepted);
            await catalogue.TryClaimAsync(key.DeletionInstanceId); // in drop-in mode something else may hold it: then the deletion says so
            catalogue.Audit(caller, AuditActions.SourceDeletion, AuditOutcomes.Accepted, key);
            return accepted;
        },
        cancellation);

    public Task<bool> TryClaimDeletionAsync(OperationKey key, int generation, CancellationToken cancellation) => ChangeAsync(
        key,
        async catalogue => await catalogue.FindDeletionAsync(key) is { Status: DeletionStatus.Running } running
            && running.Generation == generation
            && await catalogue.TryClaimAsync(key.DeletionInstanceId),
        cancellation);

    public Task<SourceDeletion> FinishDeletionAsync(OperationKey key, int generation, DataSize? removed, OperationError? error, CancellationToken cancellation) => ChangeAsync(
        key,
        async catalogue =>
        {
            SourceDeletion deletion = await catalogue.FindDeletionAsync(key) ?? throw new OperationUnknownException(key);
            if (deletion.Status != DeletionStatus.Running || deletion.Generation != generation)
                return deletion;
            SourceDeletion finished = deletion with
            {
                Status = error is null ? DeletionStatus.Succeeded : DeletionStatus.Failed,
                FinishedAt = Now,
                Removed = removed,
                Error = error,
            };
            await catalogue.PutAsync(key, finished);
            await catalogue.ReleaseAsync(key.DeletionInstanceId);
            if (dropIn)
                await catalogue.SendAsync(key, isDeletion: true, ClientResult.Of(key, finished));
            catalogue.Audit(Caller.Service, AuditActions.SourceDeletion, Outcome(error), key, error?.Message ?? (removed is { } size ? $"removed {size}" : null));
            return finished;
        },
        cancellation);

    public async Task<IReadOnlyList<UnfinishedWork>> ListUnfinishedAsync(CancellationToken cancellation)
    {
        Dictionary<OperationKey, TableRow> operations = [];
        // In this order: what starts between the two readings is seen at least once.
        foreach (OperationStatus status in (OperationStatus[])[OperationStatus.Pending, OperationStatus.Running])
        {
            await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListOf(status), "", ListEntry.End, MaxLimit, cancellation))
                operations[CatalogueRows.ToOperation(row).Key] = row;
        }
        List<UnfinishedWork> work = [.. operations.OrderBy(found => CatalogueRows.SequenceOf(found.Value))
            .Select(found => new UnfinishedWork(found.Key, Deletion: null, CatalogueRows.ToOperation(found.Value).Status))];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.RunningDeletions, "", ListEntry.End, MaxLimit, cancellation))
        {
            OperationKey key = CatalogueRows.OperationOf(row);
            LifecycleOperation? operation = await FindOperationAsync(key, cancellation);
            work.Add(new UnfinishedWork(key, CatalogueRows.ToDeletion(row).Generation, operation?.Status ?? OperationStatus.Succeeded)); // in drop-in mode another program may have moved it
        }
        return work;
    }

    public Task<bool> TryTakeSlotAsync(OperationKey key, int limit, CancellationToken cancellation) => slots.TryTakeAsync(key, limit, cancellation);

    private DateTimeOffset Now => storage.Time.GetUtcNow();

    /// <summary>Everything that keeps a request from being accepted now, most important first.</summary>
    private async Task<List<TieringException>> RefusalsAsync(CatalogueChange catalogue, OperationRequest request)
    {
        OperationKey key = request.Key;
        List<TieringException> refusals = [];
        Project? project = dropIn ? null : await catalogue.FindProjectAsync();
        if (!dropIn && project is null)
            refusals.Add(new ProjectUnknownException(key.Project));
        if (await catalogue.HolderAsync() is { } holder)
            refusals.Add(new ProjectBusyException(key.Project, holder));
        if (project is not null && LifecycleTransitions.FindRefusal(project.State, key.Type, project.LastOperation?.Type) is { } illegal)
            refusals.Add(illegal);
        if (project is not null && request.Eligibility == EligibilityCheck.Enforced)
            refusals.AddRange(CatalogueRules.CoolingObstacles(project, key.Type, Today));
        return refusals;
    }

    /// <summary>What the caller has put aside; null for nothing.</summary>
    private async Task<string?> ForcedAsync(CatalogueChange catalogue, OperationRequest request) =>
        !dropIn && request.Eligibility == EligibilityCheck.Forced && await catalogue.FindProjectAsync() is { } project
        && CatalogueRules.CoolingObstacles(project, request.Key.Type, Today).ToList() is { Count: > 0 } obstacles
            ? $"forced: {string.Join(" ", obstacles.Select(obstacle => obstacle.Message))}"
            : null;

    private static string? Join(string? one, string? other) => one is null || other is null ? one ?? other : $"{one}; {other}";

    private DateOnly Today => zone.DateOf(Now);

    private static string Outcome(OperationError? error) => error is null ? AuditOutcomes.Succeeded : AuditOutcomes.Failed;

    private static string ListOf(OperationStatus? status) => status is { } only ? ListEntry.WithStatus(ListEntry.Operations, Text.Of(only)) : ListEntry.Operations;

    /// <summary>A project's operations, newest first. They are few: all are read, and the page is cut out of them.</summary>
    private async IAsyncEnumerable<(string Key, TableRow Row)> OperationsOfAsync(
        ProjectSlug project, OperationStatus? status, string from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (string first, string before) = CatalogueRows.Operations;
        List<TableRow> all = [];
        await foreach (IReadOnlyList<TableRow> page in storage.Rows.PagesAsync(project.Hash, first, before, cancellation))
            all.AddRange(page.Where(row => status is null || row["Status"] == Text.Of(status.Value)));
        foreach (TableRow row in all.OrderBy(CatalogueRows.OrderOf, StringComparer.Ordinal).Where(row => string.CompareOrdinal(CatalogueRows.OrderOf(row), from) >= 0))
            yield return (CatalogueRows.OrderOf(row), row);
    }

    private Task<T> ChangeAsync<T>(OperationKey key, Func<CatalogueChange, Task<T>> change, CancellationToken cancellation) => ChangeAsync(key.Project, change, cancellation);

    private Task<T> ChangeAsync<T>(ProjectSlug slug, Func<CatalogueChange, Task<T>> change, CancellationToken cancellation) => storage.ChangeAsync(
        slug.Hash,
        async rows =>
        {
            await rows.FindAsync(CatalogueRows.ProjectKey); // first: see there
            return await change(new CatalogueChange(rows, slug, storage.Sequence, Now, zone));
        },
        cancellation);

    [GeneratedRegex("^[0-9]{19}-[0-9a-f]{16}-(cool|restore)-[0-9a-f-]{36}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlaceInOrder();
}
