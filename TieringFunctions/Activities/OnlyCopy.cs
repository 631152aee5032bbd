using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Activities;

/// <summary>
/// Keeps what may exist nowhere else: the destination, when the operation that filled it has had its source deleted. A manifest explains
/// what lies there, and that it may be replaced does not follow.
/// </summary>
public sealed class OnlyCopy(ICatalogue catalogue)
{
    /// <summary>Why the operation must not begin; null when it may.</summary>
    public async Task<OperationError?> FindAsync(OperationKey key, CancellationToken cancellation)
    {
        if (await LastSucceededAsync(key.Project, cancellation) is not { } last || last.Type != key.Type)
            return null;
        // Also one that failed: it may have removed a part first.
        return await catalogue.FindDeletionAsync(last, cancellation) is null or { Status: DeletionStatus.NotRequested }
            ? null
            : new OperationError(
                "only-copy",
                $"The {(key.DestinationRole == StorageRole.Cool ? "COOL" : "HOT")} side may be the only copy: the deletion of the other side was asked for after operation {last.Id:D}.");
    }

    private async Task<OperationKey?> LastSucceededAsync(ProjectSlug project, CancellationToken cancellation)
    {
        string? continuation = null;
        do
        {
            OperationPage page = await catalogue.ListOperationsAsync(new OperationQuery(project, OperationStatus.Succeeded, Limit: 1, continuation), cancellation);
            if (page.Operations is [LifecycleOperation newest, ..])
                return newest.Key;
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return null;
    }
}
