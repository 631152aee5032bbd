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
        [.. (await PendingOfAsync(operation.Project, cancellation)).Where(message => message.Operation == operation)];

    public async Task<OutboxMessage?> FindAsync(long sequence, CancellationToken cancellation) =>
        await storage.Lists.FindAsync(new ListEntry(ListEntry.Outbox, ListEntry.Ascending(sequence)), cancellation) is { } entry
        && await storage.Rows.FindAsync(entry.Text("Partition"), entry.Text("Row"), cancellation) is { } row
            ? CatalogueRows.ToMessage(row)
            : null;

    public async Task<bool> HasOlderAsync(OutboxMessage message, DateTimeOffset soon, CancellationToken cancellation) =>
        (await PendingOfAsync(message.Operation.Project, cancellation)).Any(other => other.Sequence < message.Sequence && other.NextAt < soon);

    public Task DeliveredAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync(sequence, message => message with { Status = OutboxStatus.Delivered, LastError = null }, audited: null, cancellation);

    public Task FailedAsync(long sequence, int round, string reason, DateTimeOffset? next, CancellationToken cancellation) => UpdateAsync(
        sequence,
        message => message.Round != round || message.Status != OutboxStatus.Pending ? message : message with
        {
            Attempts = message.Attempts + 1,
            LastError = reason,
            NextAt = next ?? message.NextAt,
            Status = next is null ? OutboxStatus.Parked : message.Status,
        },
        audited: null,
        cancellation);

    public Task<OutboxMessage?> ResendAsync(long sequence, Caller caller, CancellationToken cancellation) => UpdateAsync(
        sequence,
        message => PutInAgain(message, storage.Time.GetUtcNow()),
        message => new AuditEntry(storage.Time.GetUtcNow(), caller.Name, AuditActions.ResultResend, AuditOutcomes.Accepted)
        {
            From = caller.From,
            Project = message.Operation.Project.Value,
            Type = message.Operation.Type,
            Operation = message.Operation.Id,
            Detail = FormattableString.Invariant($"result {sequence}"),
        },
        cancellation);

    /// <summary>The message as it stands when it is to be delivered once more.</summary>
    public static OutboxMessage PutInAgain(OutboxMessage message, DateTimeOffset now) =>
        message with { Status = OutboxStatus.Pending, Attempts = 0, NextAt = now, Round = message.Round + 1, Since = now };

    /// <summary>Changes a message, and adds what the audit says of it in the same commit.</summary>
    /// <returns>The message as it is now; null when there is none.</returns>
    private async Task<OutboxMessage?> UpdateAsync(
        long sequence, Func<OutboxMessage, OutboxMessage> change, Func<OutboxMessage, AuditEntry>? audited, CancellationToken cancellation)
    {
        if (await storage.Lists.FindAsync(new ListEntry(ListEntry.Outbox, ListEntry.Ascending(sequence)), cancellation) is not { } entry)
            return null;
        return await storage.ChangeAsync<OutboxMessage?>(
            entry.Text("Partition"),
            async rows =>
            {
                if (await rows.FindAsync(entry.Text("Row")) is not { } row)
                    return null;
                OutboxMessage changed = change(CatalogueRows.ToMessage(row));
                rows.Put(CatalogueRows.Of(changed, row));
                if (audited is not null)
                    rows.Put(CatalogueRows.Of(audited(changed), storage.Sequence.Next()));
                return changed;
            },
            cancellation);
    }

    /// <summary>What a project's partition still owes, oldest first.</summary>
    private async Task<List<OutboxMessage>> PendingOfAsync(ProjectSlug project, CancellationToken cancellation)
    {
        (string from, string before) = CatalogueRows.Outbox;
        List<OutboxMessage> pending = [];
        await foreach (IReadOnlyList<TableRow> page in storage.Rows.PagesAsync(project.Hash, from, before, cancellation))
            pending.AddRange(page.Where(row => row["Status"] == Text.Of(OutboxStatus.Pending)).Select(CatalogueRows.ToMessage));
        return [.. pending.OrderBy(message => message.Sequence)];
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
