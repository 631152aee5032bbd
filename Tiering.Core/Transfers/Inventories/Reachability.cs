namespace Tiering.Core.Transfers.Inventories;

/// <summary>Asks a storage whether it answers at all, for no longer than one is willing to wait.</summary>
public static class Reachability
{
    /// <exception cref="StoreUnavailableException">It does not, or not in time.</exception>
    public static async Task CheckAsync(IProjectStore store, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limit);
        try
        {
            await store.CheckReachableAsync(late.Token);
        }
        catch (StoreRefusedException)
        {
            // an answer, too: access that has run out is renewed elsewhere
        }
        catch (OperationCanceledException silent) when (!cancellation.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"no answer within {limit.TotalSeconds:0} s", silent);
        }
    }
}
