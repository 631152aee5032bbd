using System.Runtime.CompilerServices;
using System.Text.Json;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Reads a manifest file, as a stream and as often as wanted. Nothing is taken from one that is cut off or altered.</summary>
public static class ManifestReader
{
    /// <summary>Reads the first line.</summary>
    /// <exception cref="ManifestCorruptException">The file is no manifest.</exception>
    public static async Task<ManifestHeader> ReadHeaderAsync(string path, CancellationToken cancellation)
    {
        using ManifestLineReader lines = new(path);
        return Header(await lines.NextAsync(cancellation));
    }

    /// <summary>
    /// Every entry, in order. Damage that only the end can show ends the sequence with the exception: what was read before it is not to
    /// be acted upon until the sequence has ended well, or <see cref="VerifyAsync"/> has.
    /// </summary>
    /// <exception cref="ManifestCorruptException">It is cut off, altered or out of order.</exception>
    public static async IAsyncEnumerable<InventoryEntry> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using ManifestSums sums = new();
        await foreach (InventoryEntry entry in ReadAsync(path, sums, cancellation))
            yield return entry;
    }

    /// <summary>Reads all of it and gives the trailer, which then is known to be right.</summary>
    /// <exception cref="ManifestCorruptException">It is cut off, altered or out of order.</exception>
    public static async Task<ManifestTrailer> VerifyAsync(string path, CancellationToken cancellation)
    {
        using ManifestSums sums = new();
        await foreach (InventoryEntry _ in ReadAsync(path, sums, cancellation))
        {
        }
        return sums.Trailer();
    }

    /// <summary>Makes sure that a file is a complete manifest of this project and operation.</summary>
    /// <param name="project">The project.</param>
    /// <param name="operation">The operation; null for a baseline.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="ManifestCorruptException">It is not.</exception>
    public static async Task CheckAsync(ProjectSlug project, OperationKey? operation, string path, CancellationToken cancellation)
    {
        ManifestHeader header = await ReadHeaderAsync(path, cancellation);
        if (header.Project != project || header.Operation != operation)
            throw new ManifestCorruptException("it belongs to another project or operation");
        await VerifyAsync(path, cancellation);
    }

    private static async IAsyncEnumerable<InventoryEntry> ReadAsync(
        string path,
        ManifestSums sums,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using ManifestLineReader lines = new(path);
        ReadOnlyMemory<byte>? line = await lines.NextAsync(cancellation);
        if (Header(line).CertifiedRoot is { } folder)
            sums.AddRoot(folder);
        sums.AddLine(line!.Value.Span);
        while ((line = await lines.NextAsync(cancellation)) is { } bytes && ManifestLines.IsEntry(bytes.Span))
        {
            InventoryEntry entry = Parsed(bytes, memory => Add(sums, ManifestLines.Read(memory.Span)));
            sums.AddLine(bytes.Span);
            yield return entry;
        }
        if (Trailer(line) != sums.Trailer())
            throw new ManifestCorruptException("its last line does not agree with the others");
        if (await lines.NextAsync(cancellation) is not null)
            throw new ManifestCorruptException("there is something behind its end");
    }

    private static InventoryEntry Add(ManifestSums sums, InventoryEntry entry) =>
        sums.AddEntry(entry) ? entry : throw new ManifestCorruptException($"{entry.Path} is out of order");

    private static ManifestHeader Header(ReadOnlyMemory<byte>? line)
    {
        ManifestHeader header = Parsed(line, bytes => JsonSerializer.Deserialize<ManifestHeader>(bytes.Span, TieringJson.Options));
        return header.Version is >= ManifestHeader.OldestVersion and <= ManifestHeader.CurrentVersion
            ? header
            : throw new ManifestCorruptException($"it has version {header.Version}, known are {ManifestHeader.OldestVersion} to {ManifestHeader.CurrentVersion}");
    }

    private static ManifestTrailer Trailer(ReadOnlyMemory<byte>? line) => line is null
        ? throw new ManifestCorruptException("it is cut off")
        : Parsed(line, bytes => JsonSerializer.Deserialize<ManifestTrailer>(bytes.Span, TieringJson.Options));

    private static T Parsed<T>(ReadOnlyMemory<byte>? line, Func<ReadOnlyMemory<byte>, T?> parse)
        where T : class
    {
        try
        {
            return parse(line ?? throw new ManifestCorruptException("it is empty")) ?? throw new ManifestCorruptException("a line is null");
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or OverflowException or InvalidOperationException or TieringException and not ManifestCorruptException)
        {
            throw new ManifestCorruptException("a line cannot be read", wrong);
        }
    }
}
