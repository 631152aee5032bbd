using System.Net;
using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>A project in a blob container: the blobs whose names begin with the project's path and '/'.</summary>
internal sealed class BlobStore : IProjectStore
{
    private const int PageSize = 5000;
    private const int ParallelRemovals = 16;

    private readonly StorageRequests requests;
    private readonly string prefix;
    private readonly int sortedInMemory;

    public BlobStore(Location location, StorageRequests requests, int sortedInMemory = InventorySort.DefaultPart)
    {
        if (location.Kind != LocationKind.Blob)
            throw new ArgumentException("The location is no blob container.", nameof(location));
        (Location, this.requests, this.sortedInMemory) = (location, requests, sortedInMemory);
        prefix = Uri.UnescapeDataString(location.Below) + "/";
    }

    public Location Location { get; }

    public Task CheckReachableAsync(CancellationToken cancellation) => requests.ReadAsync(
        () => requests.Create(HttpMethod.Get, Location.Root, $"restype=container&comp=list&maxresults=1&prefix={Uri.EscapeDataString(prefix)}"),
        "listing the blobs",
        BlobListing.Read,
        cancellation);

    public async IAsyncEnumerable<InventoryEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        StrongBox<bool> any = new();
        InventoryEntry? held = null;
        await foreach (InventoryEntry entry in InventorySort.SortAsync(ListUnsortedAsync(any, cancellation), sortedInMemory, cancellation))
        {
            if (held is not null && held.Path == entry.Path)
            {
                held = Same(held, entry);
                continue;
            }
            if (held is not null)
                yield return held;
            held = entry;
        }
        if (held is not null)
            yield return held;
        if (!any.Value && await RootMarkerAsync(cancellation) is null)
            throw new ProjectDataMissingException(Location);
    }

    public async Task<Stream> OpenReadAsync(InventoryEntry entry, CancellationToken cancellation)
    {
        RemoteReadStream stream = new(requests, Address(entry.Path), entry, takesConditions: true);
        await stream.OpenAsync(cancellation);
        return stream;
    }

    public Task DeleteAsync(IReadOnlyList<InventoryEntry> entries, CancellationToken cancellation) => Parallel.ForEachAsync(
        entries,
        new ParallelOptions { MaxDegreeOfParallelism = ParallelRemovals, CancellationToken = cancellation },
        async (entry, token) =>
        {
            switch (entry.Kind)
            {
                case EntryKind.File:
                    await DeleteAsync(Address(entry.Path), entry.ETag, entry.Path, token);
                    break;
                case EntryKind.Folder:
                    await DeleteMarkersAsync(Address(entry.Path), entry.Path, token);
                    break;
                default:
                    throw new StoreRefusedException($"removing {entry.Path}: {entry.Refusal ?? "it is no blob"}");
            }
        });

    public Task PutBackAsync(IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation) => Task.CompletedTask;

    public async Task CreateRootAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () =>
            {
                HttpRequestMessage request = requests.Create(HttpMethod.Put, Location.Address);
                request.Headers.Add("x-ms-blob-type", "BlockBlob");
                request.Headers.Add("x-ms-meta-hdi_isfolder", "true");
                request.Headers.Add("If-None-Match", "*");
                request.Content = new ByteArrayContent([]);
                return request;
            },
            "making the project's marker",
            cancellation,
            HttpStatusCode.Conflict,
            HttpStatusCode.PreconditionFailed);
        if (!answer.IsSuccessStatusCode && await RootMarkerAsync(cancellation) is null)
            throw new StoreRefusedException("a blob that is no folder has the name of the project");
    }

    public Task<InventoryEntry?> DescribeRootAsync(CancellationToken cancellation) => Task.FromResult<InventoryEntry?>(null);

    public Task PutBackRootAsync(InventoryEntry kept, CancellationToken cancellation) => Task.CompletedTask;

    public Task SyncAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task DeleteRootAsync(CancellationToken cancellation) => DeleteMarkersAsync(Location.Address, "the project's marker", cancellation);

    private async IAsyncEnumerable<InventoryEntry> ListUnsortedAsync(StrongBox<bool> any, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string marker = "";
        do
        {
            string query = $"restype=container&comp=list&include=metadata&maxresults={PageSize}&prefix={Uri.EscapeDataString(prefix)}"
                + (marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : "");
            BlobListing page = await requests.ReadAsync(
                () => requests.Create(HttpMethod.Get, Location.Root, query), "listing the blobs", BlobListing.Read, cancellation);
            foreach (ListedBlob blob in page.Blobs)
            {
                any.Value = true;
                if (Entry(blob) is { Path.Length: > 0 } entry) // else it is the marker of the project itself
                    yield return entry;
            }
            if (page.NextMarker.Length > 0 && page.NextMarker == marker)
                throw new StoreUnavailableException("listing the blobs: the service gives the same page again");
            marker = page.NextMarker;
        }
        while (marker.Length > 0);
    }

    private InventoryEntry Entry(ListedBlob blob)
    {
        if (!blob.Name.StartsWith(prefix, StringComparison.Ordinal))
            throw new StoreUnavailableException("listing the blobs: the answer holds names that were not asked for");
        string path = blob.Name[prefix.Length..];
        if (path.Length == 0 && !blob.IsFolder)
            throw new StoreRefusedException("a blob without a name holds data in the project");
        return new InventoryEntry(blob.IsFolder ? path.TrimEnd('/') : path, blob.IsFolder ? EntryKind.Folder : EntryKind.File, blob.Size)
        {
            Modified = blob.Modified,
            ETag = blob.ETag,
            Md5 = blob.IsFolder ? null : blob.Md5,
            Tier = blob.IsFolder ? null : blob.Tier,
        };
    }

    // A folder may have two markers, "a" and "a/"; a file beside a marker of its name, or a name listed twice, cannot be put into words.
    private static InventoryEntry Same(InventoryEntry held, InventoryEntry next) => (held.Kind, next.Kind) switch
    {
        (EntryKind.Folder, EntryKind.Folder) => held,
        (EntryKind.File, EntryKind.File) => throw new StoreUnavailableException("listing the blobs: the service lists a name twice"),
        _ => new InventoryEntry(held.Path, EntryKind.Other, 0) { Refusal = "it is a file and a folder at once" },
    };

    private async Task DeleteAsync(string address, string? etag, string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () =>
            {
                HttpRequestMessage request = requests.Create(HttpMethod.Delete, address);
                request.Headers.Add("x-ms-delete-snapshots", "include");
                if (etag is not null)
                    request.Headers.TryAddWithoutValidation("If-Match", RemoteReadStream.Quoted(etag));
                return request;
            },
            $"removing {path}",
            cancellation,
            HttpStatusCode.NotFound,
            HttpStatusCode.PreconditionFailed);
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed && await HeadAsync(address, path, cancellation) != HttpStatusCode.NotFound)
            throw new EntryChangedException(path, "has changed since it was listed, and was not removed");
        if (answer.StatusCode == HttpStatusCode.NotFound && StorageErrors.Of(answer, $"removing {path}") is StoreUnavailableException gone)
            throw gone; // the container, not the blob
    }

    // A blob that is gone does not match an ETag either.
    private async Task<HttpStatusCode> HeadAsync(string address, string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Head, address), $"looking at {path}", cancellation, HttpStatusCode.NotFound);
        return answer.StatusCode;
    }

    private async Task DeleteMarkersAsync(string address, string path, CancellationToken cancellation)
    {
        await DeleteAsync(address + "/", etag: null, path, cancellation);
        if (await MarkerAsync(address, cancellation) is { } etag)
            await DeleteAsync(address, etag, path, cancellation);
    }

    private Task<string?> RootMarkerAsync(CancellationToken cancellation) => MarkerAsync(Location.Address, cancellation);

    // The ETag of a blob that stands for a folder; null when there is none, or when it is a file.
    private async Task<string?> MarkerAsync(string address, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Head, address), "looking for the project's marker", cancellation, HttpStatusCode.NotFound);
        return answer.IsSuccessStatusCode
            && answer.Headers.TryGetValues("x-ms-meta-hdi_isfolder", out IEnumerable<string>? values) && BlobListing.IsTrue(values.First())
            ? answer.Headers.ETag?.ToString()
            : null;
    }

    private string Address(string path) => $"{Location.Address}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
}
