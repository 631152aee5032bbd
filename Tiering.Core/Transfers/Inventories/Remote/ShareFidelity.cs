using System.Globalization;
using System.Net;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>Puts back into a share what AzCopy does not carry from blobs: empty folders, SMB attributes, and times of files and folders.</summary>
/// <param name="requests">Sends the requests.</param>
/// <param name="address">Gives the address of a path.</param>
internal sealed class ShareFidelity(StorageRequests requests, Func<string, string> address)
{
    private const int Batch = 1000;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // Setting the properties of a file removes what is not given again.
    private static readonly (string Answer, string Request)[] Kept =
    [
        ("Content-Type", "x-ms-content-type"),
        ("Content-Encoding", "x-ms-content-encoding"),
        ("Content-Language", "x-ms-content-language"),
        ("Content-Disposition", "x-ms-content-disposition"),
        ("Content-MD5", "x-ms-content-md5"),
    ];

    public async Task ApplyAsync(IAsyncEnumerable<InventoryEntry> manifest, int parallel, CancellationToken cancellation)
    {
        Stack<InventoryEntry> open = new(); // folders get their times when nothing in them is touched any more
        List<InventoryEntry> files = [];
        await foreach (InventoryEntry entry in manifest.WithCancellation(cancellation))
        {
            while (open.TryPeek(out InventoryEntry? folder) && !PathRange.IsOpen(folder.Path, entry.Path))
            {
                await FlushAsync(files, parallel, cancellation);
                await SetFolderAsync(open.Pop(), cancellation);
            }
            if (entry.Kind == EntryKind.Folder)
            {
                await MakeFolderAsync(entry.Path, cancellation);
                open.Push(entry);
            }
            else if (entry.Kind == EntryKind.File)
            {
                files.Add(entry);
            }
            if (files.Count >= Batch)
                await FlushAsync(files, parallel, cancellation);
        }
        await FlushAsync(files, parallel, cancellation);
        while (open.TryPop(out InventoryEntry? folder))
            await SetFolderAsync(folder, cancellation);
    }

    /// <summary>Takes the read-only attribute away, which keeps an entry from being removed or replaced. All else of it stays.</summary>
    /// <param name="path">The entry; it is there.</param>
    /// <param name="query">Which kind it is: empty for a file, <c>restype=directory</c> for a folder.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task LoosenAsync(string path, string query, CancellationToken cancellation)
    {
        if (await HeadAsync(path, query, cancellation) is not { Smb.Attributes: { } attributes } now || !SmbAttributes.AreReadOnly(attributes))
            return;
        InventoryEntry writable = new(path, EntryKind.File, 0) { Attributes = SmbAttributes.WithoutReadOnly(attributes) };
        await SetAsync(writable, query.Length > 0 ? $"{query}&comp=properties" : "comp=properties", now.Content, cancellation);
    }

    private async Task MakeFolderAsync(string path, CancellationToken cancellation)
    {
        for (int end = path.IndexOf('/', StringComparison.Ordinal); end >= 0; end = path.IndexOf('/', end + 1))
        {
            if (await HeadAsync(path[..end], "restype=directory", cancellation) is null)
                await ShareStore.CreateFolderAsync(requests, address(path[..end]), path[..end], cancellation);
        }
        await ShareStore.CreateFolderAsync(requests, address(path), path, cancellation);
    }

    private async Task FlushAsync(List<InventoryEntry> files, int parallel, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation }, async (file, token) =>
        {
            if (await HeadAsync(file.Path, "", token) is { } now && !IsSame(file, now.Smb))
                await SetAsync(file, "comp=properties", now.Content, token);
        });
        files.Clear();
    }

    /// <summary>What a folder has now; null when it is missing.</summary>
    public async Task<InventoryEntry?> DescribeFolderAsync(string path, CancellationToken cancellation) =>
        await HeadAsync(path, "restype=directory", cancellation) is { } now ? now.Smb with { Kind = EntryKind.Folder } : null;

    /// <summary>Gives a folder times and attributes; one that is missing is left to the comparison.</summary>
    public async Task SetFolderAsync(InventoryEntry folder, CancellationToken cancellation)
    {
        if (await HeadAsync(folder.Path, "restype=directory", cancellation) is { } now && !IsSame(folder, now.Smb))
            await SetAsync(folder, "restype=directory&comp=properties", [], cancellation);
    }

    private async Task SetAsync(InventoryEntry entry, string query, IReadOnlyList<(string Name, string Value)> content, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () =>
            {
                HttpRequestMessage request = requests.Create(HttpMethod.Put, address(entry.Path), query);
                request.Headers.Add("x-ms-file-permission", "preserve");
                request.Headers.Add("x-ms-file-attributes", entry.Attributes is { } attributes ? SmbAttributes.Header(attributes) : "preserve");
                request.Headers.Add("x-ms-file-creation-time", Time(entry.Created));
                request.Headers.Add("x-ms-file-last-write-time", Time(entry.Modified));
                foreach ((string name, string value) in content)
                    request.Headers.TryAddWithoutValidation(name, value);
                request.Content = new ByteArrayContent([]);
                return request;
            },
            $"setting the times of {entry.Path}",
            cancellation);
    }

    // What an entry has now; null when it is missing.
    private async Task<(InventoryEntry Smb, IReadOnlyList<(string Name, string Value)> Content)?> HeadAsync(string path, string query, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Head, address(path), query), $"looking at {path}", cancellation, HttpStatusCode.NotFound);
        if (!answer.IsSuccessStatusCode)
            return null;
        InventoryEntry smb = new(path, EntryKind.File, 0)
        {
            Modified = Parse(answer, "x-ms-file-last-write-time"),
            Created = Parse(answer, "x-ms-file-creation-time"),
            Attributes = Header(answer, "x-ms-file-attributes"),
        };
        return (smb, [.. Kept.Select(kept => (kept.Request, Header(answer, kept.Answer))).Where(kept => kept.Item2 is not null).Select(kept => (kept.Request, kept.Item2!))]);
    }

    private static bool IsSame(InventoryEntry wanted, InventoryEntry now) =>
        (wanted.Modified is null || wanted.Modified == now.Modified)
        && (wanted.Created is null || wanted.Created == now.Created)
        && (wanted.Attributes is null || (now.Attributes is not null && SmbAttributes.AreSame(wanted.Attributes, now.Attributes)));

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) ?? "preserve";

    private static DateTimeOffset? Parse(HttpResponseMessage answer, string name) => DateTimeOffset.TryParse(
        Header(answer, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time : null;

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) || answer.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values) is { Length: > 0 } text ? text : null
            : null;
}
