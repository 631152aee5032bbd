using System.Globalization;
using System.Net;
using System.Text;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;

namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>The blobs of one job folder: small ones read and replaced under conditions, large ones to and from files, and the lease of one of them.</summary>
/// <param name="container">Where the folder lies.</param>
/// <param name="instanceId">The folder's name.</param>
internal sealed class BlobFiles(JobContainer container, string instanceId)
{
    /// <summary>The condition that there is no such blob.</summary>
    public const string Absent = "";

    private const int BlockBytes = 32 << 20;
    private readonly StorageRequests requests = container.Requests();

    /// <summary>Null when there is none.</summary>
    public Task<SmallBlob?> ReadAsync(string name, CancellationToken cancellation) => requests.FindAsync(
        () => requests.Create(HttpMethod.Get, AddressOf(name)),
        $"reading {name}",
        (answer, body) =>
        {
            using MemoryStream content = new();
            body.CopyTo(content);
            return new SmallBlob(content.ToArray(), ETagOf(answer));
        },
        cancellation);

    /// <summary>Null when there is none.</summary>
    public Task<BlobHead?> HeadAsync(string name, CancellationToken cancellation) => requests.FindAsync(
        () => requests.Create(HttpMethod.Head, AddressOf(name)),
        $"looking at {name}",
        (answer, _) => new BlobHead(
            ETagOf(answer),
            answer.Content.Headers.ContentLength ?? 0,
            answer.Headers.TryGetValues("x-ms-lease-state", out IEnumerable<string>? state) && state.First() is "leased" or "breaking"),
        cancellation);

    /// <summary>Replaces a small blob.</summary>
    /// <param name="name">The blob.</param>
    /// <param name="content">All of it.</param>
    /// <param name="condition">The ETag it must have, <see cref="Absent"/> when there must be none, null for none.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Its new ETag; null when the condition did not hold.</returns>
    public async Task<string?> WriteAsync(string name, byte[] content, string? condition, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => Conditional(Put(name, new ByteArrayContent(content)), condition),
            $"writing {name}",
            cancellation,
            HttpStatusCode.PreconditionFailed,
            HttpStatusCode.Conflict);
        if (answer.IsSuccessStatusCode)
            return ETagOf(answer);
        if (StorageErrors.CodeOf(answer) is not ("ConditionNotMet" or "BlobAlreadyExists" or "TargetConditionNotMet" or "LeaseIdMissing"))
            throw StorageErrors.Of(answer, $"writing {name}");
        // A request whose answer was lost is sent again, and then does not meet its own work: that is success.
        return await ReadAsync(name, cancellation) is { } there && there.Content.AsSpan().SequenceEqual(content) ? there.ETag : null;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () => requests.Create(HttpMethod.Delete, AddressOf(name)), $"removing {name}", cancellation, HttpStatusCode.NotFound);
    }

    /// <summary>Puts a file into a blob, as a whole: readers see the old content or the new.</summary>
    public async Task UploadAsync(string name, string path, CancellationToken cancellation)
    {
        long length = new FileInfo(path).Length;
        if (length <= BlockBytes)
        {
            using HttpResponseMessage whole = await requests.SendAsync(() => Put(name, PartOf(path, 0, length)), $"writing {name}", cancellation);
            return;
        }
        StringBuilder list = new("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        for (long start = 0; start < length; start += BlockBytes)
        {
            long from = start;
            string id = Convert.ToBase64String(Encoding.ASCII.GetBytes(start.ToString("D16", CultureInfo.InvariantCulture)));
            list.Append("<Latest>").Append(id).Append("</Latest>");
            using HttpResponseMessage block = await requests.SendAsync(
                () => With(requests.Create(HttpMethod.Put, AddressOf(name), $"comp=block&blockid={Uri.EscapeDataString(id)}"), PartOf(path, from, Math.Min(BlockBytes, length - from))),
                $"writing {name}",
                cancellation);
        }
        byte[] blocks = Encoding.UTF8.GetBytes(list.Append("</BlockList>").ToString());
        using HttpResponseMessage commit = await requests.SendAsync(
            () => With(requests.Create(HttpMethod.Put, AddressOf(name), "comp=blocklist"), new ByteArrayContent(blocks)), $"writing {name}", cancellation);
    }

    /// <summary>Puts a blob into a file, atomically and on disk.</summary>
    /// <returns>False when there is no such blob.</returns>
    /// <exception cref="StoreUnavailableException">It was replaced meanwhile, or the storage did not answer.</exception>
    public async Task<bool> DownloadAsync(string name, string path, CancellationToken cancellation)
    {
        if (await HeadAsync(name, cancellation) is not { } head)
            return false;
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (RemoteReadStream blob = new(requests, AddressOf(name), new InventoryEntry(name, EntryKind.File, head.Bytes) { ETag = head.ETag }, takesConditions: true))
            {
                await blob.OpenAsync(cancellation);
                FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private, Options = FileOptions.Asynchronous };
                await using FileStream file = new(temporary, options);
                await blob.CopyToAsync(file, cancellation);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (EntryChangedException replaced)
        {
            throw new StoreUnavailableException($"reading {name}: it was replaced meanwhile", replaced);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Acts on the lease of a blob that is there.</summary>
    /// <returns>False when somebody else has it, or it is not ours any more.</returns>
    public async Task<bool> LeaseAsync(string name, string action, Guid lease, TimeSpan duration, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await requests.SendAsync(
            () =>
            {
                HttpRequestMessage request = requests.Create(HttpMethod.Put, AddressOf(name), "comp=lease");
                request.Headers.Add("x-ms-lease-action", action);
                request.Headers.Add(action == "acquire" ? "x-ms-proposed-lease-id" : "x-ms-lease-id", lease.ToString("D"));
                if (action == "acquire")
                    request.Headers.Add("x-ms-lease-duration", ((int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture));
                request.Content = new ByteArrayContent([]);
                return request;
            },
            $"the lease of {name}",
            cancellation,
            HttpStatusCode.Conflict,
            HttpStatusCode.PreconditionFailed,
            HttpStatusCode.NotFound);
        if (answer.StatusCode == HttpStatusCode.NotFound && StorageErrors.Of(answer, $"the lease of {name}") is StoreUnavailableException gone)
            throw gone;
        return answer.IsSuccessStatusCode;
    }

    private string AddressOf(string name) => $"{container.Address}/{instanceId}/{Uri.EscapeDataString(name)}";

    private HttpRequestMessage Put(string name, HttpContent content)
    {
        HttpRequestMessage request = With(requests.Create(HttpMethod.Put, AddressOf(name)), content);
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        return request;
    }

    private static HttpRequestMessage With(HttpRequestMessage request, HttpContent content)
    {
        request.Content = content;
        return request;
    }

    private static HttpRequestMessage Conditional(HttpRequestMessage request, string? condition)
    {
        if (condition is not null)
            request.Headers.TryAddWithoutValidation(condition == Absent ? "If-None-Match" : "If-Match", condition == Absent ? "*" : RemoteReadStream.Quoted(condition));
        return request;
    }

    /// <summary>A new stream for every try.</summary>
    private static StreamContent PartOf(string path, long start, long length)
    {
        FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous });
        file.Position = start;
        StreamContent content = new(new PartStream(file, length));
        content.Headers.ContentLength = length;
        return content;
    }

    private static string ETagOf(HttpResponseMessage answer) => answer.Headers.ETag?.ToString() ?? throw new StoreUnavailableException("an answer without an ETag");
}

/// <param name="Content">All of it.</param>
/// <param name="ETag">Its version.</param>
internal sealed record SmallBlob(byte[] Content, string ETag);

/// <param name="ETag">Its version.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Leased">Whether somebody holds its lease now.</param>
internal sealed record BlobHead(string ETag, long Bytes, bool Leased);
