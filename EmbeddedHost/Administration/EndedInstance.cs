using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>An instance that has ended, with all that is stored of it: what is kept of it before it is purged.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its orchestration.</param>
/// <param name="Status">How it ended.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">When it ended, UTC.</param>
/// <param name="CustomStatus">As JSON; null for none.</param>
/// <param name="Output">As JSON; null for none.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
/// <param name="Steps">What it was told and did, for people.</param>
/// <param name="Rows">Its history as it is stored, byte for byte.</param>
public sealed record EndedInstance(
    string Id,
    string Name,
    OrchestrationRuntimeStatus Status,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    string? CustomStatus,
    string? Output,
    string? Failure,
    IReadOnlyList<string> Steps,
    IReadOnlyList<byte[]> Rows)
{
    internal static readonly OrchestrationRuntimeStatus[] Ends =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    internal static EndedInstance Of(StoredInstance instance, IReadOnlyList<byte[]> rows) => new(
        instance.Id,
        instance.Name,
        instance.Status,
        instance.Created,
        instance.Updated,
        instance.CustomStatus,
        instance.Output,
        instance.Failure is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}" : null,
        HistoryText.Of(rows),
        rows);
}
