using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Tiering.Emulators.Hosting;

/// <summary>What a request addresses, read from the raw request target and percent-decoded exactly once: <c>/account/container/path</c>.</summary>
internal sealed class StorageTarget
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, StringValues> _query;

    private StorageTarget(string rawPath, string rawQuery, string[] parts)
    {
        RawPath = rawPath;
        RawQuery = rawQuery;
        Account = parts[0];
        Container = parts.Length > 1 ? parts[1] : "";
        Path = parts.Length > 2 ? parts[2] : "";
        _query = QueryHelpers.ParseQuery(rawQuery);
    }

    /// <summary>As it was sent, still encoded, without the query.</summary>
    public string RawPath { get; }

    /// <summary>As it was sent, with its question mark; empty for none.</summary>
    public string RawQuery { get; }

    public string Account { get; }

    /// <summary>The share or container; empty for the account itself.</summary>
    public string Container { get; }

    /// <summary>Path within the share or container, decoded, without leading slash; empty for its root.</summary>
    public string Path { get; }

    /// <summary>Container and path, for logs and fault rules.</summary>
    public string Display => Path.Length == 0 ? Container : $"{Container}/{Path}";

    /// <summary>A decoded query parameter; null when it is absent.</summary>
    public string? Query(string name) => _query.TryGetValue(name, out StringValues value) ? value.ToString() : null;

    /// <exception cref="StorageException">The target is not valid.</exception>
    public static StorageTarget Parse(string rawTarget)
    {
        int start = rawTarget.StartsWith('/') ? 0 : PathOfAbsoluteForm(rawTarget);
        int question = rawTarget.IndexOf('?', start);
        string rawPath = question < 0 ? rawTarget[start..] : rawTarget[start..question];
        string rawQuery = question < 0 ? "" : rawTarget[question..];
        return new StorageTarget(rawPath, rawQuery, Decode(rawPath[1..]).Split('/', 3));
    }

    private static int PathOfAbsoluteForm(string rawTarget)
    {
        int scheme = rawTarget.IndexOf("://", StringComparison.Ordinal);
        int slash = scheme < 0 ? -1 : rawTarget.IndexOf('/', scheme + 3);
        return slash >= 0 ? slash : throw StorageException.InvalidUri("it has no path");
    }

    private static string Decode(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal) && Ascii.IsValid(encoded))
            return encoded;
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(encoded.Length)];
        int length = 0;
        for (int at = 0; at < encoded.Length; at++)
        {
            if (encoded[at] != '%')
                length += Encoding.UTF8.GetBytes(encoded, at, 1, bytes, length);
            else if (at + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[at + 1]) && char.IsAsciiHexDigit(encoded[at + 2]))
            {
                bytes[length++] = Convert.ToByte(encoded.Substring(at + 1, 2), 16);
                at += 2;
            }
            else
                throw StorageException.InvalidUri("a percent sign is not followed by two hexadecimal digits");
        }
        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw StorageException.InvalidUri("the path is not valid UTF-8");
        }
    }

    /// <summary>The query without the signature, which no log may hold.</summary>
    public static string Redact(string rawQuery) =>
        string.Join('&', rawQuery.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => IsSignature(pair) ? "sig=REDACTED" : pair));

    private static bool IsSignature(string pair) =>
        Uri.UnescapeDataString(pair.Split('=', 2)[0]).Equals("sig", StringComparison.OrdinalIgnoreCase);
}
