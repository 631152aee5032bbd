using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The outbox, in the catalogue's tables: each message lies in the partition of its project.</summary>
public sealed class TableOutbox(TableStorage storage) : IOutbox
{
    private const int MaxLimit = 1000;

    public Task<IReadOnlyList<OutboxMessage>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        ReadAsync(ListEntry.DueOutbox, from: "", ListEntry.Ascending(now.UtcTicks + 1), limit, cancellation);

    public Task<IReadOnlyList<OutboxMessage>> ListAsync(OutboxStatus? status, long after, int limit, CancellationToken cancellation) => ReadAsync(
        status is { } only ? ListEntry.WithStatus(ListEntry.Outbox, Text.Of(only)) : ListEntry.Outbox,
        ListEntry.Ascending(Math.Max(after, -1) + 1),
        ListEntry.End,
        limit,
        cancellation);

    public async Task<IReadOnlyList<OutboxMessage>> ListPendingAsync(OperationKey operation, CancellationToken cancellation) =>
        [.. (await PendingOfAsync(operation.Project, CatalogueRows.Outbox.Before, cancellation)).Where(message => message.Operation == operation)];

    public async Task<OutboxMessage?> FindAsync(long sequence, CancellationToken cancellation) =>
        await PlaceOfAsync(sequence, cancellation) is { } entry && await storage.Rows.FindAsync(entry.Text("Partition"), entry.Text("Row"), cancellation) is { } row
            ? CatalogueRows.ToMessage(row)
            : null;

    public async Task<bool> HasOlderAsync(OutboxMessage message, DateTimeOffset soon, CancellationToken cancellation) =>
        (await PendingOfAsync(message.Operation.Project, CatalogueRows.OutboxKeyOf(message.Sequence), cancellation)).Any(older => older.NextAt < soon);

    public Task DeliveredAsync(long sequence, CancellationToken cancellation) => UpdateAsync(
        sequence, (_, message) => message with { Status = OutboxStatus.Delivered, LastError = null }, cancellation);

    public Task FailedAsync(long sequence, int round, string reason, DateTimeOffset? next, CancellationToken cancellation) => UpdateAsync(
        sequence,
        (_, message) => message.Round != round || message.Status != OutboxStatus.Pending ? message : message with
        {
            Attempts = message.Attempts + 1,
            LastError = reason,
            NextAt = next ?? message.NextAt,
            Status = next is null ? OutboxStatus.Parked : OutboxStatus.Pending,
        },
        cancellation);

    public Task<OutboxMessage?> ResendAsync(long sequence, Caller caller, CancellationToken cancellation) => UpdateAsync(
        sequence,
        (rows, message) =>
        {
            DateTimeOffset now = storage.Time.GetUtcNow();
            OperationKey key = message.Operation;
            AuditEntry entry = new(now, caller.Name, AuditActions.ResultResend, AuditOutcomes.Accepted)
            {
                From = caller.From, Project = key.Project.Value, Type = key.Type, Operation = key.Id, Detail = FormattableString.Invariant($"result {sequence}"),
            };
            rows.Put(CatalogueRows.Of(entry, storage.Sequence.Next()));
            return CatalogueRows.Again(message, now);
        },
        cancellation);

    private async Task<OutboxMessage?> UpdateAsync(long sequence, Func<PartitionChange, OutboxMessage, OutboxMessage> change, CancellationToken cancellation)
    {
        if (await PlaceOfAsync(sequence, cancellation) is not { } entry)
            return null;
        return await storage.ChangeAsync(
            entry.Text("Partition"),
            async rows =>
            {
                if (await rows.FindAsync(entry.Text("Row")) is not { } row)
                    return null;
                OutboxMessage message = CatalogueRows.ToMessage(row);
                OutboxMessage changed = change(rows, message);
                if (changed != message)
                    rows.Put(CatalogueRows.Of(changed, row));
                return changed;
            },
            cancellation);
    }

    private Task<TableRow?> PlaceOfAsync(long sequence, CancellationToken cancellation) =>
        storage.Lists.FindAsync(new ListEntry(ListEntry.Outbox, ListEntry.Ascending(Math.Max(sequence, 0))), cancellation);

    /// <summary>The pending messages of a project, oldest first.</summary>
    private async Task<List<OutboxMessage>> PendingOfAsync(ProjectSlug project, string before, CancellationToken cancellation)
    {
        List<OutboxMessage> pending = [];
        await foreach (IReadOnlyList<TableRow> page in storage.Rows.PagesAsync(project.Hash, CatalogueRows.Outbox.From, before, cancellation))
            pending.AddRange(page.Select(CatalogueRows.ToMessage).Where(message => message.Status == OutboxStatus.Pending));
        return pending;
    }

    private async Task<IReadOnlyList<OutboxMessage>> ReadAsync(string list, string from, string before, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, MaxLimit);
        List<OutboxMessage> messages = [];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(list, from, before, limit, cancellation))
        {
            messages.Add(CatalogueRows.ToMessage(row));
            if (messages.Count == limit)
                break;
        }
        return messages;
    }
}
