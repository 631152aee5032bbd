using Tiering.Core.Catalogue;
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

    public Task DeliveredAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync(sequence, message => message with { Status = OutboxStatus.Delivered, LastError = null }, cancellation);

    public Task FailedAsync(long sequence, string reason, DateTimeOffset? next, CancellationToken cancellation) => UpdateAsync(
        sequence,
        message => message with
        {
            Attempts = message.Attempts + 1,
            LastError = reason,
            NextAt = next ?? message.NextAt,
            Status = next is null ? OutboxStatus.Parked : message.Status,
        },
        cancellation);

    public Task ResendAsync(long sequence, CancellationToken cancellation) =>
        UpdateAsync(sequence, message => message with { Status = OutboxStatus.Pending, Attempts = 0, NextAt = storage.Time.GetUtcNow() }, cancellation);

    private async Task UpdateAsync(long sequence, Func<OutboxMessage, OutboxMessage> change, CancellationToken cancellation)
    {
        if (await storage.Lists.FindAsync(new ListEntry(ListEntry.Outbox, ListEntry.Ascending(sequence)), cancellation) is not { } entry)
            return;
        await storage.ChangeAsync(
            entry.Text("Partition"),
            async rows =>
            {
                if (await rows.FindAsync(entry.Text("Row")) is not { } row)
                    return false;
                rows.Put(CatalogueRows.Of(change(CatalogueRows.ToMessage(row)), row));
                return true;
            },
            cancellation);
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
