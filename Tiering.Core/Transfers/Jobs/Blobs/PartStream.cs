namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>A part of a file, to be read once. Disposing closes the file.</summary>
internal sealed class PartStream : Stream
{
    private readonly FileStream file;
    private readonly long length;
    private long left;

    /// <param name="file">Stands where the part begins.</param>
    /// <param name="length">Bytes to read.</param>
    public PartStream(FileStream file, long length) => (this.file, this.length, left) = (file, length, length);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => length - left; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (left == 0)
            return 0;
        int read = await file.ReadAsync(buffer[..(int)Math.Min(left, buffer.Length)], cancellationToken);
        if (read == 0)
            throw new EndOfStreamException("The file became shorter while it was read.");
        left -= read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
