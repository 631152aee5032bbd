using System.IO.Compression;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Reads the lines of a compressed file, one at a time, in a buffer that is used again.</summary>
internal sealed class ManifestLineReader : IDisposable
{
    private const int LongestLine = 1 << 20;

    private readonly GZipStream stream;
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    /// <exception cref="ManifestCorruptException">There is no such file.</exception>
    public ManifestLineReader(string path)
    {
        try
        {
            stream = new GZipStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), CompressionMode.Decompress);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ManifestCorruptException("it is missing", missing);
        }
    }

    /// <summary>The next line without its end, good until the next call; null at the end.</summary>
    /// <exception cref="ManifestCorruptException">The compression is damaged, or the last line has no end.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        int searched = start;
        while (true)
        {
            int found = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                ReadOnlyMemory<byte> line = buffer.AsMemory(start, searched + found - start);
                start = searched + found + 1;
                return line;
            }
            int held = end - start;
            MakeRoom();
            searched = start + held;
            int read = await ReadAsync(cancellation);
            if (read == 0)
                return held == 0 ? null : throw new ManifestCorruptException("it is cut off in a line");
            end += read;
        }
    }

    public void Dispose() => stream.Dispose();

    private void MakeRoom()
    {
        int held = end - start;
        if (held > LongestLine)
            throw new ManifestCorruptException("a line is too long");
        byte[] target = held > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(start, held).CopyTo(target);
        (buffer, start, end) = (target, 0, held);
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAsync(buffer.AsMemory(end), cancellation);
        }
        catch (InvalidDataException damaged)
        {
            throw new ManifestCorruptException("its compression is damaged", damaged);
        }
    }
}
