using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>Who did what, when, from where, and how it went. Entries are only ever added.</summary>
public interface IAudit
{
    /// <summary>Adds what no change of the catalogue carries: a refused request, a cancellation.</summary>
    Task RecordAsync(AuditEntry entry, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    /// <exception cref="InvalidFieldException">The limit or the continuation is not usable.</exception>
    Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellation);
}

/// <param name="At">When.</param>
/// <param name="Who">A token's name, <c>euphrosyne</c>, <c>night</c>, <c>service</c>.</param>
/// <param name="Action">What, in kebab case: see <see cref="AuditActions"/>.</param>
/// <param name="Outcome">What came of it: see <see cref="AuditOutcomes"/>.</param>
public sealed record AuditEntry(DateTimeOffset At, string Who, string Action, string Outcome)
{
    /// <summary>The address the request came from; null for the service itself.</summary>
    public string? From { get; init; }

    /// <summary>As the caller wrote it: a refused request may name none that exists.</summary>
    public string? Project { get; init; }

    public OperationType? Type { get; init; }

    public Guid? Operation { get; init; }

    /// <summary>A sentence: why it was refused or failed, what was removed. Never a secret.</summary>
    public string? Detail { get; init; }
}

public static class AuditActions
{
    public const string ProjectAdd = "project-add";
    public const string ProjectChange = "project-change";
    public const string ProjectRemove = "project-remove";
    public const string RunPut = "run-put";
    public const string RunRemove = "run-remove";
    public const string Pin = "pin";
    public const string Unpin = "unpin";
    public const string Import = "import";
    public const string Night = "night";
    public const string Setting = "setting";
    public const string Token = "token";
    public const string Purge = "purge";
    public const string Backup = "backup";
    public const string Operation = "operation";
    public const string OperationCancel = "operation-cancel";
    public const string SourceDeletion = "source-deletion";
    public const string Adoption = "adoption";
    public const string ResultResend = "result-resend";
    public const string InstanceTerminate = "instance-terminate";
    public const string InstanceSuspend = "instance-suspend";
    public const string InstanceResume = "instance-resume";
    public const string InstancePurge = "instance-purge";
}

public static class AuditOutcomes
{
    public const string Accepted = "accepted";
    public const string Repeated = "repeated";
    public const string Refused = "refused";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
}

/// <param name="Project">Only this project's; null for all.</param>
/// <param name="From">Not before; null for the beginning.</param>
/// <param name="To">Before; null for now.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="Continuation">From the page before; null for the first.</param>
public sealed record AuditQuery(string? Project = null, DateTimeOffset? From = null, DateTimeOffset? To = null, int Limit = 100, string? Continuation = null);

/// <param name="Entries">Newest first.</param>
/// <param name="Continuation">Null when this is the last page.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? Continuation);
