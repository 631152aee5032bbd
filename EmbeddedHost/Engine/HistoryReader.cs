using System.Buffers.Binary;
using System.Text;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Reads what <see cref="HistoryWriter"/> wrote.</summary>
internal ref struct HistoryReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> rest;

    /// <exception cref="HistoryCorruptException">The checksum is wrong.</exception>
    public HistoryReader(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(data[^4..]) != Checksum.Of(data[..^4]))
            throw new HistoryCorruptException("its checksum is wrong");
        rest = data[..^4];
    }

    public readonly bool AtEnd => rest.IsEmpty;

    public byte ReadByte() => Take(1)[0];

    public bool ReadBoolean() => ReadByte() != 0;

    public long ReadNumber()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = ReadByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)value;
        }
        throw new HistoryCorruptException("a number has no end");
    }

    public int ReadInt32()
    {
        long value = ReadNumber();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new HistoryCorruptException("a number is too large");
    }

    public DateTime ReadTime()
    {
        long ticks = ReadNumber();
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime(ticks, DateTimeKind.Utc)
            : throw new HistoryCorruptException("a time is out of range");
    }

    public string? ReadText()
    {
        int length = ReadInt32();
        return length switch
        {
            0 => null,
            > 0 => Utf8.GetString(Take(length - 1)),
            _ => throw new HistoryCorruptException("a text has a negative length"),
        };
    }

    public string ReadRequiredText() => ReadText() ?? throw new HistoryCorruptException("a text is missing");

    public TaskFailureDetails? ReadFailure()
    {
        List<TaskFailureDetails> chain = [];
        while (ReadBoolean())
            chain.Add(new(ReadRequiredText(), ReadRequiredText(), ReadText(), InnerFailure: null, Properties: null));
        TaskFailureDetails? failure = null;
        for (int i = chain.Count - 1; i >= 0; i--)
            failure = chain[i] with { InnerFailure = failure };
        return failure;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > rest.Length)
            throw new HistoryCorruptException("it ends too early");
        ReadOnlySpan<byte> taken = rest[..length];
        rest = rest[length..];
        return taken;
    }
}
