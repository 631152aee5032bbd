using System.Buffers;
using System.Text;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Reads a process's output to its end, line by line, as fast as it comes and in bounded memory.</summary>
internal static class LineReader
{
    /// <summary>A line holds at most this much; what is beyond is dropped.</summary>
    public const int MaxLineBytes = 16 * 1024 * 1024;

    public static async Task ReadAsync(Stream stream, Action<string> onLine, int maxLineBytes = MaxLineBytes)
    {
        byte[] buffer = new byte[64 * 1024];
        ArrayBufferWriter<byte> line = new();
        int read;
        while ((read = await ReadSomeAsync(stream, buffer)) > 0)
        {
            int start = 0;
            while (start < read)
            {
                int length = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                int end = length < 0 ? read : start + length;
                int room = Math.Min(end - start, maxLineBytes - line.WrittenCount);
                if (room > 0)
                    line.Write(buffer.AsSpan(start, room));
                if (length >= 0)
                    Emit();
                start = end + 1;
            }
        }
        if (line.WrittenCount > 0)
            Emit();

        void Emit()
        {
            onLine(Encoding.UTF8.GetString(line.WrittenSpan).TrimEnd('\r'));
            line = line.Capacity > 1024 * 1024 ? new() : line; // one endless line must not stay in memory
            line.ResetWrittenCount();
        }
    }

    private static async ValueTask<int> ReadSomeAsync(Stream stream, byte[] buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
