using System.Net;
using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>A project in a directory of an Azure file share.</summary>
internal sealed class ShareStore : IProjectStore
{
    private const int PageSize = 5000;
    private const int ParallelRequests = 16;

    private readonly StorageRequests requests;
    private readonly int sortedInMemory;

    public ShareStore(Location location, StorageRequests requests, int sortedInMemory = InventorySort.DefaultPart)
    {
        if (location.Kind != LocationKind.Share)
            throw new ArgumentException("The location is no file share.", nameof(location));
        _ = location.Below;
        (Location, this.requests, this.sortedInMemory) = (location, requests, sortedInMemory);
    }

    public Location Location { get; }

    public Task CheckReachableAsync(CancellationToken cancellation) => ExistsAsync(cancellation);

    public async IAsyncEnumerable<InventoryEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!await ExistsAsync(cancellation))
            throw new ProjectDataMissingException(Location);
        string? last = null;
        await foreach (InventoryEntry entry in InventorySort.SortAsync(ListUnsortedAsync(cancellation), sortedInMemory, cancellation))
        {
            if (entry.Path == last)
                throw new StoreUnavailableException("listing the share: the service lists a name twice");
            last = entry.Path;
            yield return entry;
        }
    }

    public async Task<Stream> OpenReadAsync(InventoryEntry entry, CancellationToken cancellation)
    {
        RemoteReadStream stream = new(requests, Address(entry.Path), entry, takesConditions: false);
        await stream.OpenAsync(cancellation);
        return stream;
    }

    public async Task DeleteAsync(IReadOnlyList<InventoryEntry> entries, CancellationToken cancellation)
    {
        if (entries.FirstOrDefault(entry => entry.Kind is not (EntryKind.File or EntryKind.Folder)) is { } other)
            throw new StoreRefusedException($"removing {other.Path}: a file share holds no such thing");
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = ParallelRequests, CancellationToken = cancellation };
        await Parallel.ForEachAsync(entries.Where(entry => entry.Kind == EntryKind.File), parallel, async (entry, token) => await DeleteFileAsync(entry, token));
        foreach (InventoryEntry folder in entries.Where(entry => entry.Kind == EntryKind.Folder))
        {
            if (SmbAttributes.AreReadOnly(folder.Attributes))
                await new ShareFidelity(requests, Address).LoosenAsync(folder.Path, "restype=directory", cancellation);
            await DeleteFolderAsync(Address(folder.Path), folder.Path, cancellation); // one that is not empty stays
        }
    }

    public async Task PutBackAsync(IAsyncEnumerable<InventoryEntry> manifest, CancellationToken cancellation)
    {
        await CreateRootAsync(cancellation);
        ShareFidelity fidelity = new(requests, Address);
        await fidelity.ApplyAsync(manifest, ParallelRequests, cancellation);
    }

    public async Task CreateRootAsync(CancellationToken cancellation)
    {
        string address = Location.Root;
        foreach (string part in Location.Below.Split('/'))
            await CreateFolderAsync(requests, address += "/" + part, "the project's folder", cancellation);
    }

    public Task<InventoryEntry?> DescribeRootAsync(CancellationToken cancellation) => new ShareFidelity(requests, AddressOfRoot).DescribeFolderAsync(".", cancellation);

    public Task PutBackRootAsync(InventoryEntry kept, CancellationToken cancellation) =>
        new ShareFidelity(requests, AddressOfRoot).SetFolderAsync(kept with { Path = "." }, cancellation);

    public Task SyncAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task DeleteRootAsync(CancellationToken cancellation)
    {
        if (!await DeleteFolderAsync(Location.Address, "the project's folder", cancellation))
            throw new StoreRefusedException("the project's folder is not empty");
    }

    /// <summary>Makes one folder, whose parent is there; one that is there already is left as it is.</summary>
    internal static async Task CreateFolderAsync(StorageRequests requests, string address, string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () =>
            {
                HttpRequestMessage request = requests.Create(HttpMethod.Put, address, "restype=directory");
                request.Headers.Add("x-ms-file-permission", "inherit");
                request.Headers.Add("x-ms-file-attributes", "None");
                request.Headers.Add("x-ms-file-creation-time", "now");
                request.Headers.Add("x-ms-file-last-write-time", "now");
                request.Content = new ByteArrayContent([]);
                return request;
            },
            $"making {path}",
            cancellation,
            HttpStatusCode.Conflict);
        if (!answer.IsSuccessStatusCode && StorageErrors.CodeOf(answer) != "ResourceAlreadyExists")
            throw StorageErrors.Of(answer, $"making {path}");
    }

    private async IAsyncEnumerable<InventoryEntry> ListUnsortedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Stack<string> folders = new([""]);
        while (folders.TryPop(out string? folder))
        {
            string address = folder.Length == 0 ? Location.Address : Address(folder[..^1]);
            string marker = "";
            do
            {
                string query = $"restype=directory&comp=list&include=timestamps,etag,attributes&maxresults={PageSize}"
                    + (marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : "");
                ShareListing page = await ReadPageAsync(address, query, folder, cancellation);
                foreach (InventoryEntry entry in page.Entries)
                {
                    if (entry.Path.AsSpan().ContainsAny('/', '\0') || entry.Path is "." or "..")
                        throw new StoreUnavailableException("listing the share: the answer holds a name that cannot be one");
                    InventoryEntry whole = entry with { Path = folder + entry.Path };
                    if (entry.Kind == EntryKind.Folder)
                        folders.Push(whole.Path + "/");
                    yield return whole;
                }
                if (page.NextMarker.Length > 0 && page.NextMarker == marker)
                    throw new StoreUnavailableException("listing the share: the service gives the same page again");
                marker = page.NextMarker;
            }
            while (marker.Length > 0);
        }
    }

    private Task<ShareListing> ReadPageAsync(string address, string query, string folder, CancellationToken cancellation) => requests.ReadAsync(
        () =>
        {
            HttpRequestMessage request = requests.Create(HttpMethod.Get, address, query);
            request.Headers.Add("x-ms-file-extended-info", "true");
            return request;
        },
        $"listing {(folder.Length == 0 ? "the project's folder" : folder)}",
        ShareListing.Read,
        cancellation);

    private async Task<bool> ExistsAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Get, Location.Address, "restype=directory"), "opening the project's folder", cancellation, HttpStatusCode.NotFound);
        return answer.IsSuccessStatusCode
            || (StorageErrors.Of(answer, "opening the project's folder") is StoreUnavailableException gone ? throw gone : false);
    }

    private async Task DeleteFileAsync(InventoryEntry entry, CancellationToken cancellation)
    {
        // The service takes no If-Match here: the look before keeps what has changed since, but for an instant.
        using (HttpResponseMessage now = await requests.SendAsync(
            () => requests.Create(HttpMethod.Head, Address(entry.Path)), $"looking at {entry.Path}", cancellation, HttpStatusCode.NotFound))
        {
            if (now.StatusCode == HttpStatusCode.NotFound)
                return;
            if (entry.ETag is not null && now.Headers.ETag is { } etag && etag.ToString() != RemoteReadStream.Quoted(entry.ETag))
                throw new EntryChangedException(entry.Path, "has changed since it was listed, and was not removed");
        }
        if (SmbAttributes.AreReadOnly(entry.Attributes))
            await new ShareFidelity(requests, Address).LoosenAsync(entry.Path, "", cancellation);
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Delete, Address(entry.Path)), $"removing {entry.Path}", cancellation, HttpStatusCode.NotFound);
    }

    /// <returns>False when it is not empty.</returns>
    private async Task<bool> DeleteFolderAsync(string address, string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Delete, address, "restype=directory"),
            $"removing {path}",
            cancellation,
            HttpStatusCode.NotFound,
            HttpStatusCode.Conflict);
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound when StorageErrors.Of(answer, $"removing {path}") is StoreUnavailableException gone => throw gone,
            HttpStatusCode.Conflict when StorageErrors.CodeOf(answer) != "DirectoryNotEmpty" => throw StorageErrors.Of(answer, $"removing {path}"),
            HttpStatusCode.Conflict => false,
            _ => true,
        };
    }

    private string AddressOfRoot(string path) => Location.Address;

    private string Address(string path) => $"{Location.Address}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
}
