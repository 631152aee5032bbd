namespace Tiering.Emulators.Hosting;

/// <summary>
/// A request's or response's body on its way: counts the bytes and, where a fault asks for it, slows them down, drops what is too much,
/// or cuts the connection.
/// </summary>
internal sealed class MeteredStream(Stream inner) : Stream
{
    private const int SlowStepsPerSecond = 10;

    private byte? _held;
    private long _sent;

    /// <summary>Bytes that went through.</summary>
    public long Count { get; private set; }

    public long? BytesPerSecond { get; init; }

    /// <summary>After so many bytes <see cref="Cut"/> is called.</summary>
    public long? CutAfterBytes { get; init; }

    public Action? Cut { get; init; }

    /// <summary>Sends the response's head before the first byte is counted, because only then <see cref="DropAfterBytes"/> is known. Null for no need.</summary>
    public Func<CancellationToken, Task>? Start { get; set; }

    /// <summary>What is written beyond so many bytes is dropped. Null for no limit.</summary>
    public long? DropAfterBytes { get; set; }

    /// <summary>
    /// How long the whole body will be. Its last byte waits for <see cref="ReleaseAsync"/>, so that what is recorded of a request is there
    /// before the client has its answer. Null to hold nothing.
    /// </summary>
    public Func<long?>? WholeLength { get; init; }

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        CutWhenDue();
        int read = await inner.ReadAsync(buffer[..Step(buffer.Length)], cancellationToken);
        await PassAsync(read, cancellationToken);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Start is not null && Count == 0)
            await Start(cancellationToken);
        while (buffer.Length > 0)
        {
            int step = Step(buffer.Length);
            long wanted = DropAfterBytes is { } limit ? Math.Clamp(limit - Count, 0, step) : step;
            await SendAsync(buffer[..(int)wanted], cancellationToken);
            await PassAsync(step, cancellationToken);
            buffer = buffer[step..];
            if (CutAfterBytes <= Count)
                await inner.FlushAsync(cancellationToken);
            CutWhenDue();
        }
    }

    /// <summary>Sends the byte that was held back.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        if (_held is not { } last)
            return;
        _held = null;
        await inner.WriteAsync(new[] { last }, cancellation);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _sent += bytes.Length;
        if (bytes.Length > 0 && _sent == WholeLength?.Invoke())
        {
            _held = bytes.Span[^1];
            bytes = bytes[..^1];
        }
        if (bytes.Length > 0)
            await inner.WriteAsync(bytes, cancellation);
    }

    private int Step(int length)
    {
        long step = length;
        if (BytesPerSecond is { } speed)
            step = Math.Min(step, Math.Max(1, speed / SlowStepsPerSecond));
        if (CutAfterBytes is { } cut)
            step = Math.Min(step, Math.Max(1, cut - Count));
        return (int)step;
    }

    private async ValueTask PassAsync(int bytes, CancellationToken cancellation)
    {
        Count += bytes;
        if (BytesPerSecond is { } speed && bytes > 0)
            await Task.Delay(TimeSpan.FromSeconds((double)bytes / speed), cancellation);
    }

    private void CutWhenDue()
    {
        if (!(CutAfterBytes <= Count))
            return;
        Cut?.Invoke();
        throw new ConnectionCutException();
    }
}

/// <summary>The connection was cut on purpose; nobody is left to answer to.</summary>
internal sealed class ConnectionCutException() : IOException("The connection was cut by a fault rule.");
