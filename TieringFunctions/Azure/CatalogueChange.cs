using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>A change of one project, in the catalogue's words.</summary>
internal sealed partial class CatalogueChange(PartitionChange rows, ProjectSlug slug, SequenceClock sequence, DateTimeOffset now, LocalZone zone)
{
    public async Task<Project?> FindProjectAsync() => CatalogueRows.ToProject(await ProjectRowAsync());

    /// <summary>Forgets the project, but not what it has had: no number and no claim is given twice.</summary>
    public async Task RemoveProjectAsync() => rows.Put((await ProjectRowAsync()).WithOnly("Slug", "Claim", "Sequence"));

    public async Task MoveAsync(LifecycleState state, OperationKey last) =>
        rows.Put((await ProjectRowAsync()).With("State", Text.Of(state)).With("LastOperation", Text.Json(last)));

    /// <exception cref="ProjectBusyException">Something holds the project.</exception>
    public async Task CheckFreeAsync()
    {
        if (await HolderAsync() is { } holder)
            throw new ProjectBusyException(slug, holder);
    }

    /// <summary>What holds the project; null when it is free.</summary>
    public async Task<string?> HolderAsync() => (await ProjectRowAsync())["Claim"];

    public async Task ClaimAsync(string holder) => rows.Put((await ProjectRowAsync()).With("Claim", holder));

    /// <summary>Whether the holder has the project now; it gets it when the project is free.</summary>
    public async Task<bool> TryClaimAsync(string holder)
    {
        if (await HolderAsync() is { } other)
            return other == holder;
        await ClaimAsync(holder);
        return true;
    }

    /// <summary>Gives the claim back, if the holder has it.</summary>
    public async Task ReleaseAsync(string holder)
    {
        TableRow row = await ProjectRowAsync();
        if (row["Claim"] == holder)
            rows.Put(row.With("Claim", null));
    }

    /// <exception cref="OperationUnknownException">There is none.</exception>
    public async Task<LifecycleOperation> OperationAsync(OperationKey key) => await FindOperationAsync(key) ?? throw new OperationUnknownException(key);

    public async Task<LifecycleOperation?> FindOperationAsync(OperationKey key) =>
        await rows.FindAsync(CatalogueRows.OperationKeyOf(key)) is { } row ? CatalogueRows.ToOperation(row) : null;

    public async Task AddAsync(LifecycleOperation operation) => rows.Put(CatalogueRows.Of(operation, await NextAsync()));

    /// <param name="operation">The record that takes the old one's place.</param>
    /// <param name="before">The project's state when it starts; null leaves what is stored.</param>
    public async Task<LifecycleOperation> UpdateAsync(LifecycleOperation operation, LifecycleState? before = null)
    {
        TableRow row = (await rows.FindAsync(CatalogueRows.OperationKeyOf(operation.Key)))!.With(operation);
        rows.Put(before is { } state ? row.With("StateBefore", Text.Of(state)) : row);
        return operation;
    }

    public async Task<LifecycleState?> StateBeforeAsync(OperationKey key) =>
        (await rows.FindAsync(CatalogueRows.OperationKeyOf(key)))?["StateBefore"] is { } state ? Text.Enum<LifecycleState>(state) : null;

    /// <summary>The latest operation that succeeded since the project was registered.</summary>
    public async Task<OperationKey?> LastSucceededAsync() => (await ProjectRowAsync())["LastSucceeded"] is { } key ? Text.Record<OperationKey>(key) : null;

    public async Task SetLastSucceededAsync(OperationKey key) => rows.Put((await ProjectRowAsync()).With("LastSucceeded", Text.Json(key)));

    public async Task<SourceDeletion?> FindDeletionAsync(OperationKey key) =>
        await rows.FindAsync(CatalogueRows.DeletionKeyOf(key)) is { } row ? CatalogueRows.ToDeletion(row) : null;

    public async Task PutAsync(OperationKey key, SourceDeletion deletion) =>
        rows.Put(CatalogueRows.Of(key, deletion, await rows.FindAsync(CatalogueRows.DeletionKeyOf(key))));

    /// <summary>Puts a result in the outbox; the row that it tells of then names it.</summary>
    public async Task SendAsync(OperationKey key, bool isDeletion, string payload)
    {
        OutboxMessage message = new(await NextAsync(), key, isDeletion, payload, now, OutboxStatus.Pending, Attempts: 0, now, LastError: null);
        rows.Put(CatalogueRows.Of(message, stored: null));
        rows.Put((await rows.FindAsync(ToldBy(key, isDeletion)))!.With("Message", CatalogueRows.OutboxKeyOf(message.Sequence)));
    }

    /// <summary>Has the last result of this operation, or of its deletion, delivered once more; one that has to wait long comes forward.</summary>
    public async Task SendAgainAsync(OperationKey key, bool isDeletion)
    {
        if (await LastMessageRowAsync(key, isDeletion) is not { } row)
            return;
        OutboxMessage message = CatalogueRows.ToMessage(row);
        DateTimeOffset soon = now + DeliverySchedule.AfterRequest;
        if (message.Status != OutboxStatus.Pending)
            rows.Put(CatalogueRows.Of(CatalogueRows.Again(message, now), row));
        else if (message.NextAt > soon)
            rows.Put(CatalogueRows.Of(CatalogueRows.Again(message, now) with { NextAt = soon }, row));
    }

    /// <summary>What is still to be told of an earlier deletion is told no more: who asks again knows of it, and would take it for the answer.</summary>
    public async Task SettleDeletionAsync(OperationKey key)
    {
        if (await LastMessageRowAsync(key, isDeletion: true) is { } row && CatalogueRows.ToMessage(row) is { Status: OutboxStatus.Pending } message)
            rows.Put(CatalogueRows.Of(message with { Status = OutboxStatus.Delivered }, row));
    }

    public void Audit(Caller caller, string action, string outcome, string? detail = null) =>
        Audit(new AuditEntry(now, caller.Name, action, outcome) { From = caller.From, Project = slug.Value, Detail = detail });

    public void Audit(Caller caller, string action, string outcome, OperationKey key, string? detail = null) =>
        Audit(new AuditEntry(now, caller.Name, action, outcome) { From = caller.From, Project = slug.Value, Type = key.Type, Operation = key.Id, Detail = detail });

    private async Task<TableRow?> LastMessageRowAsync(OperationKey key, bool isDeletion) =>
        (await rows.FindAsync(ToldBy(key, isDeletion)))?["Message"] is { } last ? await rows.FindAsync(last) : null;

    private void Audit(AuditEntry entry) => rows.Put(CatalogueRows.Of(entry, sequence.Next()));

    /// <summary>The next number of this project: above all that it has had, whatever the clocks of other workers said.</summary>
    private async Task<long> NextAsync()
    {
        TableRow row = await ProjectRowAsync();
        long next = sequence.Next(row["Sequence"] is null ? 0 : CatalogueRows.SequenceOf(row));
        rows.Put(row.With("Sequence", ListEntry.Ascending(next)));
        return next;
    }

    private static string ToldBy(OperationKey key, bool isDeletion) => isDeletion ? CatalogueRows.DeletionKeyOf(key) : CatalogueRows.OperationKeyOf(key);

    private async Task<TableRow> ProjectRowAsync()
    {
        TableRow row = await rows.FindAsync(CatalogueRows.ProjectKey) ?? new TableRow(rows.Partition, CatalogueRows.ProjectKey).With("Slug", slug.Value);
        return row.Text("Slug") == slug.Value
            ? row
            : throw new CatalogueUnavailableException($"the projects {slug} and {row.Text("Slug")} have the same hash, and only one of them can be kept", inner: null);
    }
}
