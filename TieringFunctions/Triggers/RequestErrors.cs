using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>A parameter of <c>/data</c> is missing or malformed. Source: euphrosyne-contract.md, chapter 4.</summary>
/// <param name="errors">All of them, in the order of the parameters.</param>
public sealed class ParameterException(IReadOnlyList<ParameterError> errors)
    : TieringException("invalid-parameter", string.Join("; ", errors.Select(error => $"{error.Loc[^1]}: {error.Msg}")), isTransient: false)
{
    public IReadOnlyList<ParameterError> Errors { get; } = errors;
}

/// <param name="Type">missing, uuid_parsing, int_parsing, greater_than_equal or enum.</param>
/// <param name="Loc">Where: <c>query</c> or <c>path</c>, and the name.</param>
/// <param name="Msg">The rule.</param>
/// <param name="Input">What came; null when nothing did.</param>
public sealed record ParameterError(string Type, IReadOnlyList<string> Loc, string Msg, string? Input);

public sealed class PathUnknownException(string path) : TieringException("path-unknown", $"There is nothing at {path}.", isTransient: false);

public sealed class MethodUnknownException(string method, string path)
    : TieringException("method-not-allowed", $"{path} does not take {method}.", isTransient: false);

public sealed class OperationNotFailedException(Guid id)
    : TieringException("operation-not-failed", $"The operation {id:D} has not failed, and only a failed one is tried again.", isTransient: false);

public sealed class OperationAmbiguousException(Guid id)
    : TieringException("operation-ambiguous", $"Several operations have the id {id:D}: add project and type to the query.", isTransient: false);

/// <param name="lacks">What is missing or wrong, one sentence each.</param>
public sealed class NotReadyException(IReadOnlyList<string> lacks)
    : TieringException("not-ready", string.Join(" ", lacks), isTransient: true);

public sealed class NothingToDeleteException(ProjectSlug project)
    : TieringException("nothing-to-delete", $"No operation of {project} has succeeded, so there is no source that may be deleted.", isTransient: false);

public sealed class AdoptionRefusedException(Project project) : TieringException(
    "adoption-refused", $"Only a project that is COOL can be adopted, and {project.Slug} is {project.State.ToString().ToUpperInvariant()}.", isTransient: false);

public sealed class OperationIdUnknownException(Guid id)
    : TieringException("operation-unknown", $"There is no operation {id:D}.", isTransient: false);

public sealed class PlanUnknownException(Guid id)
    : TieringException("plan-unknown", $"There is no plan {id:D}.", isTransient: false);

public sealed class InstanceUnknownException(string id)
    : TieringException("instance-unknown", $"There is no orchestration {id}.", isTransient: false);

public sealed class InstanceEndedException(string id, InstanceStatus status)
    : TieringException("instance-ended", $"The orchestration {id} has ended ({status.ToString().ToUpperInvariant()}).", isTransient: false);

public sealed class InstanceLiveException(string id)
    : TieringException("instance-live", $"The orchestration {id} has not ended; terminate it first.", isTransient: false);

public sealed class CertificateMissingException(LifecycleOperation operation) : TieringException(
    "certificate-missing",
    operation.Status == OperationStatus.Succeeded
        ? $"The operation {operation.Key.Id:D} has no certificate: it ended before certificates were made."
        : $"The operation {operation.Key.Id:D} has no certificate: only one that has succeeded has one.",
    isTransient: false);
