using System.Net;
using System.Net.Http.Headers;

namespace Tiering.Core.Transfers.Inventories.Remote;

/// <summary>
/// The content of one version of a blob or a file in a share. A connection that breaks, ends early or falls silent is taken up again where
/// it stopped; the content ends well only after exactly the bytes that were listed.
/// </summary>
/// <param name="requests">Sends the requests.</param>
/// <param name="address">Of the content.</param>
/// <param name="entry">As it was listed.</param>
/// <param name="takesConditions">Whether the service takes If-Match; file shares refuse it, and their answers are compared instead.</param>
internal sealed class RemoteReadStream(StorageRequests requests, string address, InventoryEntry entry, bool takesConditions) : Stream
{
    private const int Resumptions = 5;

    private HttpResponseMessage? answer;
    private Stream? body;
    private long position;
    private int failures;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => entry.Size;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>The services give ETags with quotes in answers and without in listings.</summary>
    public static string Quoted(string etag) => etag.StartsWith('"') ? etag : $"\"{etag}\"";

    /// <summary>Asks for the content from where reading stands.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        Drop();
        if (position == entry.Size && position > 0)
            return;
        answer = await requests.SendAsync(Request, $"reading {entry.Path}", cancellation, HttpStatusCode.NotFound, HttpStatusCode.PreconditionFailed);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw StorageErrors.Of(answer, $"reading {entry.Path}") is StoreUnavailableException gone ? gone : new EntryChangedException(entry.Path, "is gone");
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            throw Changed();
        if (entry.ETag is not null && answer.Headers.ETag is { } etag && Quoted(entry.ETag) != etag.ToString())
            throw Changed();
        if (position > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
            throw new StoreUnavailableException($"reading {entry.Path}: the service does not give parts");
        body = await answer.Content.ReadAsStreamAsync(cancellation);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (position == entry.Size && position > 0)
                return await EndAsync(cancellationToken);
            if (body is null)
                await OpenAsync(cancellationToken);
            Exception? lost;
            try
            {
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(StorageRequests.Patience);
                int read = await body!.ReadAsync(buffer, patience.Token);
                position += read;
                if (position > entry.Size)
                    throw new EntryChangedException(entry.Path, $"gives more bytes than the {entry.Size} that were listed");
                if (read > 0 || buffer.Length == 0)
                    return read;
                if (position == entry.Size)
                    return 0;
                lost = new EndOfStreamException();
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                lost = broken;
            }
            if (++failures > Resumptions)
                throw new StoreUnavailableException($"reading {entry.Path}", lost);
            Drop();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Drop();
        base.Dispose(disposing);
    }

    // All bytes are there; what comes after them would be another content.
    private async Task<int> EndAsync(CancellationToken cancellation)
    {
        if (body is not null)
        {
            byte[] more = new byte[1];
            try
            {
                if (await body.ReadAsync(more, cancellation) > 0)
                    throw new EntryChangedException(entry.Path, $"gives more bytes than the {entry.Size} that were listed");
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                // A connection that breaks behind the last byte took nothing away.
            }
            Drop();
        }
        return 0;
    }

    private HttpRequestMessage Request()
    {
        HttpRequestMessage request = requests.Create(HttpMethod.Get, address);
        if (entry.ETag is not null && takesConditions)
            request.Headers.TryAddWithoutValidation("If-Match", Quoted(entry.ETag));
        if (position > 0)
            request.Headers.Range = new RangeHeaderValue(position, null);
        return request;
    }

    private EntryChangedException Changed() => new(entry.Path, "has changed since it was listed");

    private void Drop()
    {
        body?.Dispose();
        answer?.Dispose();
        (body, answer) = (null, null);
    }
}
