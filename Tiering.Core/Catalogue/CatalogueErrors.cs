using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

public sealed class ProjectUnknownException(ProjectSlug slug)
    : TieringException("project-unknown", $"There is no project {slug}.", isTransient: false);

public sealed class ProjectExistsException(ProjectSlug slug, LifecycleState state)
    : TieringException("project-exists", $"The project {slug} is registered already, and is {state.ToString().ToUpperInvariant()}.", isTransient: false);

public sealed class ProjectBusyException(ProjectSlug slug, string holder)
    : TieringException("project-busy", $"The project {slug} is held by {holder}.", isTransient: true);

public sealed class OperationUnknownException(OperationKey key)
    : TieringException("operation-unknown", $"There is no operation {key}.", isTransient: false);

public sealed class DeletionRefusedException(OperationKey key, string reason)
    : TieringException("deletion-refused", $"The source of {key} is not deleted: {reason}.", isTransient: false);

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
