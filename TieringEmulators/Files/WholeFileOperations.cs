using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Copying;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>What can be done with a file, writing its ranges aside.</summary>
internal static class WholeFileOperations
{
    private const long LargestFile = 4L << 40;
    private const int LargestHashedRange = 4 << 20;
    private const int BufferBytes = 128 << 10;

    public static Task Create(FileExchange exchange)
    {
        if (!string.Equals(exchange.Header("x-ms-type"), "file", StringComparison.OrdinalIgnoreCase))
            throw StorageException.InvalidHeader("x-ms-type", "it must be file");
        long length = exchange.LengthHeader("x-ms-content-length") ?? throw StorageException.MissingHeader("x-ms-content-length");
        if (length > LargestFile)
            throw StorageException.InvalidHeader("x-ms-content-length", "a file has at most 4 TiB");
        if (exchange.Request.ContentLength > 0)
            throw StorageException.InvalidHeader("Content-Length", "a file is created without content, which follows as ranges");
        EntryChange change = EntryChange.Creation(exchange.Request, folder: false, exchange.Now);
        return exchange.Answer(StatusCodes.Status201Created, exchange.Share.CreateFile(exchange.Names, length, change));
    }

    public static Task GetProperties(FileExchange exchange)
    {
        ShareEntry file = exchange.Share.File(exchange.Names);
        WriteProperties(exchange, file);
        if (file.IsKnown && file.Record!.ContentMd5 is { } md5)
            exchange.Response.Headers.ContentMD5 = md5;
        exchange.Response.ContentLength = HttpMethods.IsHead(exchange.Request.Method) ? file.Length : 0;
        return Task.CompletedTask;
    }

    public static async Task GetAsync(FileExchange exchange)
    {
        ShareEntry file = exchange.Share.File(exchange.Names);
        ByteRange? range = ByteRange.Of(exchange.Request, "x-ms-range", "Range");
        (long first, long count) = range?.Within(file.Length) ?? (0, file.Length);
        WriteProperties(exchange, file);
        HttpResponse response = exchange.Response;
        string? md5 = file.IsKnown ? file.Record!.ContentMd5 : null;
        if (range is null)
        {
            if (md5 is not null)
                response.Headers.ContentMD5 = md5;
        }
        else
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {first}-{first + count - 1}/{file.Length}");
            if (md5 is not null)
                response.Headers["x-ms-content-md5"] = md5;
            if (exchange.Header("x-ms-range-get-content-md5") == "true")
                response.Headers.ContentMD5 = await HashAsync(file, first, count, exchange.Aborted);
        }
        response.ContentLength = count;
        await SendAsync(file, first, count, response.Body, exchange.Aborted);
    }

    public static Task SetProperties(FileExchange exchange)
    {
        ShareEntry file = exchange.Share.File(exchange.Names);
        EntryChange change = EntryChange.Properties(exchange.Request, folder: false, exchange.Now);
        if (exchange.LengthHeader("x-ms-content-length") is { } length && length != file.Length)
        {
            if (length > LargestFile)
                throw StorageException.InvalidHeader("x-ms-content-length", "a file has at most 4 TiB");
            using FileStream stream = OpenToWrite(file);
            stream.SetLength(length);
        }
        return exchange.Answer(StatusCodes.Status200OK, exchange.Share.Update(file, change));
    }

    public static Task SetMetadata(FileExchange exchange) => exchange.Answer(
        StatusCodes.Status200OK, exchange.Share.Update(exchange.Share.File(exchange.Names), EntryChange.Metadata(exchange.Request)));

    public static Task Delete(FileExchange exchange)
    {
        ShareEntry entry = exchange.Share.Find(exchange.Names) ?? throw StorageException.ResourceNotFound();
        if (entry.IsFolder)
            throw StorageException.ResourceTypeMismatch();
        exchange.Share.Delete(entry);
        exchange.Response.StatusCode = StatusCodes.Status202Accepted;
        exchange.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Opens a file that exists; others may read, write and remove it meanwhile.</summary>
    /// <exception cref="StorageException">It was removed.</exception>
    public static FileStream OpenToWrite(ShareEntry file) => Open(file, FileAccess.ReadWrite);

    private static FileStream Open(ShareEntry file, FileAccess access)
    {
        try
        {
            return new FileStream(file.Disk.FullName, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw StorageException.ResourceNotFound();
        }
    }

    private static void WriteProperties(FileExchange exchange, ShareEntry file)
    {
        FileExchange.WriteVersion(exchange.Response, file);
        exchange.WriteSmb(file);
        exchange.WriteMetadata(file);
        IHeaderDictionary headers = exchange.Response.Headers;
        headers["x-ms-type"] = "File";
        headers["x-ms-server-encrypted"] = "true";
        headers["x-ms-lease-status"] = "unlocked";
        headers["x-ms-lease-state"] = "available";
        headers.AcceptRanges = "bytes";
        headers.ContentType = file.Record?.ContentType ?? "application/octet-stream";
        Set(headers, "Content-Encoding", file.Record?.ContentEncoding);
        Set(headers, "Content-Language", file.Record?.ContentLanguage);
        Set(headers, "Cache-Control", file.Record?.CacheControl);
        Set(headers, "Content-Disposition", file.Record?.ContentDisposition);
    }

    private static void Set(IHeaderDictionary headers, string name, string? value)
    {
        if (value is not null)
            headers[name] = value;
    }

    private static async Task<string> HashAsync(ShareEntry file, long first, long count, CancellationToken cancellation)
    {
        if (count > LargestHashedRange)
            throw StorageException.InvalidHeader("x-ms-range-get-content-md5", "the range may have at most 4 MiB");
        byte[] content = new byte[count];
        await using FileStream stream = Open(file, FileAccess.Read);
        int read = await RandomAccess.ReadAsync(stream.SafeFileHandle, content, first, cancellation);
        return Convert.ToBase64String(MD5.HashData(content.AsSpan(0, read)));
    }

    private static async Task SendAsync(ShareEntry file, long first, long count, Stream body, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using FileStream stream = Open(file, FileAccess.Read);
            long end = first + count;
            for (long at = first; at < end;)
            {
                int read = await RandomAccess.ReadAsync(stream.SafeFileHandle, buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - at)), at, cancellation);
                if (read == 0)
                    return; // it was shortened meanwhile: the connection ends before the length that was told
                await body.WriteAsync(buffer.AsMemory(0, read), cancellation);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
