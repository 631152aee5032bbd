using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Copying;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>Writing, clearing and listing the ranges of a file.</summary>
internal static class RangeOperations
{
    private const int LargestRange = 4 << 20;

    public static async Task PutAsync(FileExchange exchange)
    {
        if (!string.Equals(exchange.Header("x-ms-write"), "update", StringComparison.OrdinalIgnoreCase))
            throw StorageException.InvalidHeader("x-ms-write", "it must be update or clear");
        ShareEntry file = Writable(exchange);
        (long first, int count) = RangeToWrite(exchange, file);
        if (exchange.Request.ContentLength != count)
            throw StorageException.InvalidHeader("Content-Length", "it must be the length of the range");
        await WriteAsync(exchange, file, first, count, async buffer =>
        {
            // Whole before a byte is written: a connection that is cut leaves nothing.
            await exchange.Request.Body.ReadExactlyAsync(buffer, exchange.Aborted);
            if (exchange.Header("Content-MD5") is { } md5 && md5 != Hash(buffer.Span))
                throw new StorageException(400, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.");
        });
    }

    public static async Task PutFromUrlAsync(FileExchange exchange, HttpClient client)
    {
        if (exchange.Request.ContentLength is not (null or 0))
            throw StorageException.InvalidHeader("Content-Length", "it must be 0 when the content comes from a source");
        ShareEntry file = Writable(exchange);
        (long first, int count) = RangeToWrite(exchange, file);
        ByteRange source = ByteRange.Of(exchange.Request, "x-ms-source-range") ?? throw StorageException.MissingHeader("x-ms-source-range");
        if (source.Last - source.First + 1 != count)
            throw StorageException.InvalidHeader("x-ms-source-range", "it must be as long as the range that is written");
        using HttpResponseMessage response = await CopySource.OpenAsync(client, exchange.Request, source);
        await WriteAsync(exchange, file, first, count, buffer => new(CopySource.ReadAsync(response, buffer, exchange.Aborted)));
    }

    public static async Task ClearAsync(FileExchange exchange)
    {
        ShareEntry file = Writable(exchange);
        ByteRange range = ByteRange.Of(exchange.Request, "x-ms-range", "Range") ?? throw StorageException.MissingHeader("x-ms-range");
        if (range.Last is not { } last || last >= file.Length)
            throw StorageException.InvalidRange();
        await using (FileStream stream = WholeFileOperations.OpenToWrite(file))
            await SparseFile.ClearAsync(stream.SafeFileHandle, range.First, last, exchange.Aborted);
        Finish(exchange, file);
    }

    public static async Task ListAsync(FileExchange exchange)
    {
        ShareEntry file = exchange.Share.File(exchange.Names);
        ByteRange? range = ByteRange.Of(exchange.Request, "x-ms-range", "Range");
        (long first, long count) = file.Length == 0 ? (0, 0) : (range ?? new ByteRange(0, null)).Within(file.Length);
        XElement list = new("Ranges");
        await using (FileStream stream = WholeFileOperations.OpenToWrite(file))
        {
            foreach ((long from, long to) in SparseFile.Data(stream.SafeFileHandle, first, first + count - 1))
                list.Add(new XElement("Range", new XElement("Start", from), new XElement("End", to)));
        }
        FileExchange.WriteVersion(exchange.Response, file);
        exchange.Response.Headers["x-ms-content-length"] = file.Length.ToString(CultureInfo.InvariantCulture);
        exchange.Response.ContentType = "application/xml";
        using MemoryStream body = new();
        new XDocument(list).Save(body, SaveOptions.DisableFormatting);
        exchange.Response.ContentLength = body.Length;
        await exchange.Response.Body.WriteAsync(body.ToArray(), exchange.Aborted);
    }

    private static ShareEntry Writable(FileExchange exchange)
    {
        ShareEntry file = exchange.Share.File(exchange.Names);
        return file.IsReadOnly ? throw StorageException.ReadOnly() : file;
    }

    private static (long First, int Count) RangeToWrite(FileExchange exchange, ShareEntry file)
    {
        ByteRange range = ByteRange.Of(exchange.Request, "x-ms-range", "Range") ?? throw StorageException.MissingHeader("x-ms-range");
        if (range.Last is not { } last || last >= file.Length)
            throw StorageException.InvalidRange();
        long count = last - range.First + 1;
        if (count > LargestRange)
            throw new StorageException(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit of 4 MiB.");
        return (range.First, (int)count);
    }

    private static async Task WriteAsync(FileExchange exchange, ShareEntry file, long first, int count, Func<Memory<byte>, ValueTask> fill)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            await fill(buffer.AsMemory(0, count));
            await using (FileStream stream = WholeFileOperations.OpenToWrite(file))
                await RandomAccess.WriteAsync(stream.SafeFileHandle, buffer.AsMemory(0, count), first, CancellationToken.None);
            exchange.Response.Headers.ContentMD5 = Hash(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Finish(exchange, file);
    }

    private static void Finish(FileExchange exchange, ShareEntry file)
    {
        bool preserve = string.Equals(exchange.Header("x-ms-file-last-write-time"), "preserve", StringComparison.OrdinalIgnoreCase);
        ShareEntry written = exchange.Share.Update(file, EntryChange.Content(preserve ? file.LastWritten : null));
        FileExchange.WriteVersion(exchange.Response, written);
        exchange.Response.Headers["x-ms-request-server-encrypted"] = "true";
        exchange.Response.StatusCode = StatusCodes.Status201Created;
        exchange.Response.ContentLength = 0;
    }

    private static string Hash(ReadOnlySpan<byte> content) => Convert.ToBase64String(MD5.HashData(content));
}
