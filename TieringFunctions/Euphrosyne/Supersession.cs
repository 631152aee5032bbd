using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Euphrosyne;

/// <summary>
/// Finds out, before a byte moves, whether the client has given an operation up and begun another: it does when an answer of ours came too
/// late for it. Source: euphrosyne-contract.md, 8.4.
/// </summary>
public sealed class Supersession(BackendSettings settings, EuphrosyneClient client, ICatalogue catalogue, TimeProvider time)
{
    /// <summary>By then the client has either committed our acceptance or given up waiting for it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Why the operation must not begin; null when it may, or when nobody can say.</summary>
    public async Task<OperationError?> FindAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        if (!settings.IsDropIn)
            return null;
        while (true)
        {
            if (await NewerAsync(operation, cancellation) is not { } newer)
                return null;
            if (time.GetUtcNow() - operation.AcceptedAt >= Settled)
                return new OperationError("superseded", $"The operation was superseded by operation {newer:D}.");
            await Task.Delay(Look, time, cancellation);
        }
    }

    /// <summary>The client's last operation, if it is another one and not known to be older.</summary>
    private async Task<Guid?> NewerAsync(LifecycleOperation operation, CancellationToken cancellation)
    {
        try
        {
            ProjectLifecycle shown = await client.LookUpAsync(operation.Key.Project, attempts: 1, cancellation);
            if (shown.LastOperationId is not { } last || last == operation.Key.Id)
                return null;
            IReadOnlyList<LifecycleOperation> known = await catalogue.FindOperationsAsync(last, cancellation);
            return known.Any(other => other.Key.Project == operation.Key.Project && other.AcceptedAt < operation.AcceptedAt) ? null : last;
        }
        catch (TieringException failure) when (failure is LifecycleLookUpException or ConfigurationException)
        {
            return null;
        }
    }
}
