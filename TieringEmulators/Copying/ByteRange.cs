using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Copying;

/// <summary>A part of a file, both ends included.</summary>
/// <param name="First">The first byte, from 0.</param>
/// <param name="Last">The last byte; null for the end of the file.</param>
internal sealed record ByteRange(long First, long? Last)
{
    /// <summary>Reads <c>bytes=first-last</c> or <c>bytes=first-</c>; null when no such header is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="headers">The headers that may hold it, the first one found counts.</param>
    /// <exception cref="StorageException">The value is not well formed.</exception>
    public static ByteRange? Of(HttpRequest request, params ReadOnlySpan<string> headers)
    {
        foreach (string header in headers)
        {
            if (request.Headers[header] is [{ Length: > 0 } value])
                return Parse(value) ?? throw StorageException.InvalidHeader(header, "it must be bytes=first-last");
        }
        return null;
    }

    /// <summary>How many bytes of a file of this length it covers.</summary>
    /// <exception cref="StorageException">It begins behind the end of the file.</exception>
    public (long First, long Count) Within(long length)
    {
        if (First >= length)
            throw StorageException.InvalidRange();
        return (First, Math.Min(Last ?? long.MaxValue - 1, length - 1) - First + 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"bytes={First}-{Last}");

    private static ByteRange? Parse(string value)
    {
        if (!value.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
            return null;
        string[] ends = value["bytes=".Length..].Split('-');
        if (ends.Length != 2 || !TryNumber(ends[0], out long first))
            return null;
        if (ends[1].Length == 0)
            return new ByteRange(first, null);
        return TryNumber(ends[1], out long last) && last >= first ? new ByteRange(first, last) : null;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
