using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;

namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>What the container of the job folders holds.</summary>
internal sealed class BlobNames(JobContainer container)
{
    private const int PageSize = 5000;

    /// <summary>The blobs whose names begin so, in the service's order, which keeps those of one folder together.</summary>
    public async IAsyncEnumerable<ListedBlob> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageRequests requests = container.Requests();
        string marker = "";
        do
        {
            string query = FormattableString.Invariant($"restype=container&comp=list&maxresults={PageSize}&prefix={Uri.EscapeDataString(prefix)}")
                + (marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : "");
            BlobListing page = await requests.ReadAsync(
                () => requests.Create(HttpMethod.Get, container.Address, query), "listing the job folders", BlobListing.Read, cancellation);
            foreach (ListedBlob blob in page.Blobs)
                yield return blob;
            if (page.NextMarker.Length > 0 && page.NextMarker == marker)
                throw new StoreUnavailableException("listing the job folders: the service gives the same page again");
            marker = page.NextMarker;
        }
        while (marker.Length > 0);
    }
}
