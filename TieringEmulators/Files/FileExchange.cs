using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>One request to a share, authorized and read, and the headers that its answers have in common.</summary>
/// <param name="Http">Request and response.</param>
/// <param name="Target">What it addresses.</param>
/// <param name="Share">The share.</param>
/// <param name="Names">The path's components, each of them valid.</param>
/// <param name="Now">The time of the request.</param>
internal sealed record FileExchange(HttpContext Http, StorageTarget Target, ShareFolder Share, string[] Names, DateTimeOffset Now)
{
    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    public CancellationToken Aborted => Http.RequestAborted;

    public string? Header(string name) => Request.Headers[name] is [{ Length: > 0 } value] ? value : null;

    /// <summary>A header that holds a number of bytes.</summary>
    /// <exception cref="StorageException">It is no such number.</exception>
    public long? LengthHeader(string name)
    {
        if (Header(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long length)
            ? length
            : throw StorageException.InvalidHeader(name, "it must be a number of bytes");
    }

    /// <summary>Answers a change: the status, the new version and the SMB properties.</summary>
    public Task Answer(int status, ShareEntry entry)
    {
        Response.StatusCode = status;
        Response.ContentLength = 0;
        WriteVersion(Response, entry);
        WriteSmb(entry);
        return Task.CompletedTask;
    }

    public void WriteSmb(ShareEntry entry)
    {
        IHeaderDictionary headers = Response.Headers;
        headers["x-ms-request-server-encrypted"] = "true";
        headers["x-ms-file-attributes"] = entry.Attributes;
        headers["x-ms-file-creation-time"] = EntryChange.Format(entry.Created);
        headers["x-ms-file-last-write-time"] = EntryChange.Format(entry.LastWritten);
        headers["x-ms-file-change-time"] = EntryChange.Format(entry.Changed);
        headers["x-ms-file-permission-key"] = entry.PermissionKey;
        headers["x-ms-file-id"] = entry.Id;
        headers["x-ms-file-parent-id"] = entry.ParentId;
    }

    public void WriteMetadata(ShareEntry entry)
    {
        foreach ((string name, string value) in entry.Record?.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
            Response.Headers[$"x-ms-meta-{name}"] = value;
    }

    public static void WriteVersion(HttpResponse response, ShareEntry entry)
    {
        response.Headers.ETag = entry.ETag;
        response.Headers.LastModified = entry.LastModified.ToString("R", CultureInfo.InvariantCulture);
    }
}
