using System.Globalization;
using System.Text;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>
/// What a project's partition consists of: one row <c>project</c> (registration, state, claim), one per operation, source deletion, result and
/// entry of the audit. Records are kept as JSON, with beside them what lists and changes need.
/// </summary>
internal static class CatalogueRows
{
    public const string ProjectKey = "project";

    private const string OperationPrefix = "operation-";
    private const string DeletionPrefix = "deletion-";
    private const string OutboxPrefix = "outbox-";
    private const string AuditPrefix = "audit-";
    private const string NightPrefix = "night-";

    // A key holds 512 characters: where more stands before a name, the end of a very long one does not count for the order.
    private const int MaxNameOrder = 400;

    // What an instance id begins with: the hash, which is the partition, and a hyphen.
    private const int HashPrefix = 17;

    /// <summary>Keys that begin with a prefix ending in '-' lie before the prefix with '.' in its place.</summary>
    public static (string From, string Before) RangeOf(string prefix) => (prefix, prefix[..^1] + '.');

    public static (string From, string Before) Operations => RangeOf(OperationPrefix);

    public static (string From, string Before) Outbox => RangeOf(OutboxPrefix);

    public static (string From, string Before) Nights => RangeOf(NightPrefix);

    public static string OperationKeyOf(OperationKey key) => OperationPrefix + key.InstanceId[HashPrefix..];

    public static string DeletionKeyOf(OperationKey key) => DeletionPrefix + key.InstanceId[HashPrefix..];

    public static string OutboxKeyOf(long sequence) => OutboxPrefix + ListEntry.Ascending(sequence);

    /// <summary>The newest night first.</summary>
    public static string NightKeyOf(DateOnly date) => NightPrefix + ListEntry.Descending(date.DayNumber);

    /// <summary>Where an operation lies that is known by its instance id alone.</summary>
    public static (string Partition, string Key) PlaceOf(string instanceId) => (instanceId[..(HashPrefix - 1)], OperationPrefix + instanceId[HashPrefix..]);

    /// <summary>Every list that a row belongs to, as it is.</summary>
    public static IEnumerable<ListEntry> ListsOf(TableRow row) => row.Key switch
    {
        ProjectKey => row["Registered"] is null ? [] : ListsOfProject(row),
        _ when row.Key.StartsWith(OperationPrefix, StringComparison.Ordinal) => ListsOfOperation(row),
        _ when row.Key.StartsWith(DeletionPrefix, StringComparison.Ordinal) =>
            row["Status"] == Text.Of(DeletionStatus.Running) ? [new ListEntry(ListEntry.RunningDeletions, $"{row.Partition}-{row.Key[DeletionPrefix.Length..]}")] : [],
        _ when row.Key.StartsWith(OutboxPrefix, StringComparison.Ordinal) => ListsOfMessage(row),
        _ when row.Key.StartsWith(AuditPrefix, StringComparison.Ordinal) => [new ListEntry(ListEntry.Audit, $"{row.Key[AuditPrefix.Length..]}-{row.Partition}")],
        _ when row.Key.StartsWith(NightPrefix, StringComparison.Ordinal) =>
            row["Status"] == Text.Of(NightStatus.Running) ? [new ListEntry(ListEntry.RunningNights, row.Text("Date"))] : [],
        _ => [],
    };

    /// <summary>A name as a key: hexadecimal digits of its UTF-8 bytes, of which every one may stand in a key, and which keep the order.</summary>
    public static string NameOrder(string name) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name));

    public static Project? ToProject(TableRow? row) => row?["Registered"] is null
        ? null
        : new Project(ProjectSlug.Parse(row.Text("Slug")), Text.Enum<LifecycleState>(row.Text("State")), Text.Time(row.Text("AddedAt")))
        {
            LastOperation = row["LastOperation"] is { } last ? Text.Record<OperationKey>(last) : null,
            Claim = row["Claim"],
            CreatedAt = row["CreatedAt"] is { } created ? Text.Time(created) : null,
            CoolingEligibleAt = row["EligibleAt"] is { } eligible ? Text.Date(eligible) : null,
            RestoredAt = row["RestoredAt"] is { } restored ? Text.Time(restored) : null,
            Pin = row["Pin"] is { } pin ? Text.Record<ProjectPin>(pin) : null,
        };

    public static IReadOnlyList<ProjectRun> RunsOf(TableRow project) => project["Runs"] is { } runs ? Text.Record<List<ProjectRun>>(runs) : [];

    public static TableRow Of(LifecycleOperation operation, long sequence) => new TableRow(operation.Key.Project.Hash, OperationKeyOf(operation.Key))
        .With("Sequence", ListEntry.Ascending(sequence))
        .With(operation);

    public static TableRow With(this TableRow row, LifecycleOperation operation) => row
        .With("Status", Text.Of(operation.Status))
        .With("Body", Text.Json(operation));

    public static LifecycleOperation ToOperation(TableRow row) => Text.Record<LifecycleOperation>(row.Text("Body"));

    /// <summary>The place of an operation in the lists that show the newest first.</summary>
    public static string OrderOf(TableRow operation) => $"{ListEntry.Descending(SequenceOf(operation))}-{operation.Partition}-{operation.Key[OperationPrefix.Length..]}";

    public static long SequenceOf(TableRow row) => long.Parse(row.Text("Sequence"), CultureInfo.InvariantCulture);

    public static TableRow Of(OperationKey key, SourceDeletion deletion, TableRow? stored) =>
        (stored ?? new TableRow(key.Project.Hash, DeletionKeyOf(key)).With("Operation", Text.Json(key)))
        .With("Status", Text.Of(deletion.Status))
        .With("Body", Text.Json(deletion));

    public static SourceDeletion ToDeletion(TableRow? row) => row is null ? SourceDeletion.None : Text.Record<SourceDeletion>(row.Text("Body"));

    public static OperationKey OperationOf(TableRow row) => Text.Record<OperationKey>(row.Text("Operation"));

    public static TableRow Of(OutboxMessage message, TableRow? stored) =>
        (stored ?? new TableRow(message.Operation.Project.Hash, OutboxKeyOf(message.Sequence))
            .With("Sequence", ListEntry.Ascending(message.Sequence)).With("Operation", Text.Json(message.Operation)).With("Payload", message.Payload))
        .With("Status", Text.Of(message.Status))
        .With("NextAt", Text.Of(message.NextAt))
        .With("Body", Text.Json(message with { Payload = "" }));

    public static OutboxMessage ToMessage(TableRow row) => Text.Record<OutboxMessage>(row.Text("Body")) with { Payload = row.Text("Payload") };

    /// <summary>A message put in once more.</summary>
    public static OutboxMessage Again(OutboxMessage message, DateTimeOffset now) =>
        message with { Status = OutboxStatus.Pending, Attempts = 0, NextAt = now, Round = message.Round + 1, Since = now };

    public static TableRow Of(Night night, TableRow? stored) => (stored ?? new TableRow(PartitionOf(project: null), NightKeyOf(night.Date)).With("Date", Text.Of(night.Date)))
        .With("Status", Text.Of(night.Status))
        .With("Body", Text.Json(night));

    public static Night ToNight(TableRow row) => Text.Record<Night>(row.Text("Body"));

    /// <param name="entry">What happened.</param>
    /// <param name="sequence">Tells entries of the same instant apart, in their order.</param>
    public static TableRow Of(AuditEntry entry, long sequence) =>
        new TableRow(PartitionOf(entry.Project), $"{AuditPrefix}{ListEntry.Descending(entry.At.UtcTicks)}-{ListEntry.Descending(sequence)}").With("Body", Text.Json(entry));

    public static AuditEntry ToAuditEntry(TableRow row) => Text.Record<AuditEntry>(row.Text("Body"));

    /// <summary>The partition of a text that may be a slug; a word that no slug hashes to for none.</summary>
    public static string PartitionOf(string? project) =>
        project is null ? "none" : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(project)).AsSpan(0, 8));

    /// <summary>The place of an entry in the order of the audit, the newest first; within its project.</summary>
    public static string AuditOrderOf(TableRow entry) => entry.Key[AuditPrefix.Length..];

    /// <summary>What lies between two times, as places in the order of the audit.</summary>
    public static (string From, string Before) AuditBetween(DateTimeOffset? from, DateTimeOffset? to) => (
        to is { } end ? ListEntry.Descending(end.UtcTicks - 1) : "",
        from is { } start ? ListEntry.Descending(start.UtcTicks - 1) : ListEntry.End);

    /// <summary>A place in the order of the audit as a key in the partition of a project.</summary>
    public static string AuditKeyOf(string place) => AuditPrefix + place;

    private static IEnumerable<ListEntry> ListsOfProject(TableRow row)
    {
        string name = NameOrder(row.Text("Slug"));
        yield return new ListEntry(ListEntry.Projects, name);
        if (row["EligibleAt"] is { } date && row["State"] == Text.Of(LifecycleState.Hot))
            yield return new ListEntry(ListEntry.CoolableProjects, $"{date}-{name[..Math.Min(name.Length, MaxNameOrder)]}-{row.Partition}");
    }

    private static IEnumerable<ListEntry> ListsOfOperation(TableRow row)
    {
        string order = OrderOf(row);
        return
        [
            new ListEntry(ListEntry.Operations, order),
            new ListEntry(ListEntry.WithStatus(ListEntry.Operations, row.Text("Status")), order),
            new ListEntry(ListEntry.OperationsOf(Guid.Parse(row.Key[^36..])), order),
        ];
    }

    private static IEnumerable<ListEntry> ListsOfMessage(TableRow row)
    {
        string order = row.Text("Sequence");
        yield return new ListEntry(ListEntry.Outbox, order);
        yield return new ListEntry(ListEntry.WithStatus(ListEntry.Outbox, row.Text("Status")), order);
        if (row["Status"] == Text.Of(OutboxStatus.Pending))
            yield return new ListEntry(ListEntry.DueOutbox, $"{ListEntry.Ascending(Text.Time(row.Text("NextAt")).UtcTicks)}-{order}");
    }
}
