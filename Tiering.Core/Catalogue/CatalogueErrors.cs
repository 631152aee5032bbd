using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

public sealed class ProjectUnknownException(ProjectSlug slug)
    : TieringException("project-unknown", $"There is no project {slug}.", isTransient: false);

public sealed class ProjectExistsException(ProjectSlug slug, LifecycleState state)
    : TieringException("project-exists", $"The project {slug} is registered already, and is {state.ToString().ToUpperInvariant()}.", isTransient: false);

public sealed class ProjectBusyException(ProjectSlug slug, string holder)
    : TieringException("project-busy", $"The project {slug} is held by {OperationKey.NameOf(holder)}.", isTransient: true);

public sealed class OperationUnknownException(OperationKey key)
    : TieringException("operation-unknown", $"There is no operation {key}.", isTransient: false);

/// <param name="key">The operation whose source it is.</param>
/// <param name="reason">Why, without full stop; Euphrosyne's contract has the words of some, and they are told byte for byte.</param>
public sealed class DeletionRefusedException(OperationKey key, string reason)
    : TieringException("deletion-refused", $"The source of {key} is not deleted: {reason}.", isTransient: false)
{
    /// <summary>The refusal as the outcome of a deletion that was accepted.</summary>
    public OperationError Error { get; } = new("deletion-refused", reason, new Dictionary<string, string> { ["title"] = "FromDataDeletionValidationError" });
}

public sealed class OutboxMessageUnknownException(long sequence)
    : TieringException("outbox-message-unknown", FormattableString.Invariant($"There is no result {sequence} in the outbox."), isTransient: false);

/// <param name="field">The field, parameter or header, as the caller spells it.</param>
/// <param name="rule">What it must be.</param>
public sealed class InvalidFieldException(string field, string rule)
    : TieringException("invalid-field", $"{field} {rule}.", isTransient: false)
{
    public string Field { get; } = field;
}

/// <param name="reason">What stands in the way: disk full, locked, read-only, corrupt.</param>
/// <param name="inner">What was caught, or null.</param>
public sealed class CatalogueUnavailableException(string reason, Exception? inner)
    : TieringException("catalogue-unavailable", $"The catalogue could not be read or written: {reason}.", isTransient: true, inner);

public sealed class CatalogueVersionException(long found, long known)
    : TieringException(
        "catalogue-version",
        $"The catalogue has schema version {found}, and this program knows versions up to {known}: start the newer program, or restore a backup.",
        isTransient: false);

public sealed class NotEligibleException(Project project)
    : TieringException("not-eligible", $"The project {project.Slug} may go cool from {project.CoolingEligibleAt:yyyy-MM-dd} on; an operator may force it.", isTransient: false);

public sealed class ProjectPinnedException(Project project) : TieringException(
    "project-pinned",
    $"The project {project.Slug} is pinned{(project.Pin?.Until is { } until ? $" until {until:yyyy-MM-dd}" : "")}{(project.Pin?.Reason is { } reason ? $" ({reason})" : "")}; unpin it, or force the operation.",
    isTransient: false);

/// <summary>The project must not be written to. Its code is spelled as Euphrosyne spells it.</summary>
public sealed class ProjectImmutableException(ProjectSlug slug, LifecycleState state)
    : TieringException(Name, $"The project {slug} is {state.ToString().ToUpperInvariant()}, and only a HOT project may be changed.", isTransient: false)
{
    public const string Name = "PROJECT_IMMUTABLE";
}
