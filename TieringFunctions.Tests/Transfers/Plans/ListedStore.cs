using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Plans;

/// <summary>A store of any kind that is nothing but its inventory: terabytes cost nothing. No entries are no project.</summary>
internal sealed class ListedStore(Location location, params InventoryEntry[] entries) : IProjectStore
{
    public Location Location => location;

    public Task CheckReachableAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async IAsyncEnumerable<InventoryEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (entries.Length == 0)
            throw new ProjectDataMissingException(location);
        await foreach (InventoryEntry entry in Entries.Sorted(entries).WithCancellation(cancellation))
            yield return entry;
    }

    public Task<Stream> OpenReadAsync(InventoryEntry entry, CancellationToken cancellation) => throw new NotSupportedException();

    public Task DeleteAsync(IReadOnlyList<InventoryEntry> removed, CancellationToken cancellation) => throw new NotSupportedException();

    public Task PutBackAsync(IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation) => throw new NotSupportedException();

    public Task CreateRootAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<InventoryEntry?> DescribeRootAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task PutBackRootAsync(InventoryEntry kept, CancellationToken cancellation) => throw new NotSupportedException();

    public Task SyncAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task DeleteRootAsync(CancellationToken cancellation) => throw new NotSupportedException();
}
