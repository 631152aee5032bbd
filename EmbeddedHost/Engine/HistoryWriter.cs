using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Writes the compact form of histories: numbers in 7-bit groups, texts in UTF-8 with their length, a checksum at the end.</summary>
internal readonly struct HistoryWriter()
{
    private readonly ArrayBufferWriter<byte> buffer = new(256);

    public void WriteByte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteNumber(long value)
    {
        Span<byte> span = buffer.GetSpan(10);
        ulong rest = (ulong)value;
        int length = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        buffer.Advance(length);
    }

    public void WriteTime(DateTime value) => WriteNumber(value.Ticks);

    public void WriteText(string? value)
    {
        if (value is null)
        {
            WriteNumber(0);
            return;
        }
        int length = Encoding.UTF8.GetByteCount(value);
        WriteNumber(length + 1L);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    public void WriteFailure(TaskFailureDetails? failure)
    {
        for (; failure is not null; failure = failure.InnerFailure)
        {
            WriteBoolean(true);
            WriteText(failure.ErrorType);
            WriteText(failure.ErrorMessage);
            WriteText(failure.StackTrace);
        }
        WriteBoolean(false);
    }

    /// <summary>Ends it with the checksum.</summary>
    public byte[] ToArray()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), Checksum.Of(buffer.WrittenSpan));
        buffer.Advance(4);
        return buffer.WrittenSpan.ToArray();
    }
}
