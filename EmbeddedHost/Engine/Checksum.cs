using System.Numerics;
using System.Runtime.InteropServices;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>CRC-32C: finds a row that a disk or a hand has changed.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte part in data[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, part);
        return ~crc;
    }
}
