using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using Tiering.Core.Transfers.Inventories;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Writes a manifest: compressed JSON Lines, header first, then the entries in order, then the trailer. The file appears, whole and on
/// disk, with <see cref="CompleteAsync"/>; until then, and after a failure, there is none.
/// </summary>
public sealed class ManifestWriter : IAsyncDisposable
{
    private const int FlushBytes = 1 << 16;

    private readonly string path;
    private readonly string temporary;
    private readonly FileStream file;
    private readonly GZipStream compressed;
    private readonly ArrayBufferWriter<byte> buffer = new(FlushBytes + 4096);
    private readonly Utf8JsonWriter json;
    private readonly ManifestSums sums = new();
    private bool completed;

    private ManifestWriter(string path)
    {
        this.path = path;
        temporary = $"{path}.{Environment.ProcessId}.tmp";
        file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private });
        compressed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
        json = new Utf8JsonWriter(buffer, ManifestLines.Options);
    }

    /// <param name="path">The file; an older one is replaced at the end.</param>
    /// <param name="header">What it is about.</param>
    public static ManifestWriter Create(string path, ManifestHeader header)
    {
        ManifestWriter writer = new(path);
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(header, TieringJson.Options);
        if (header.CertifiedRoot is { } folder)
            writer.sums.AddRoot(folder);
        writer.sums.AddLine(line);
        writer.Append(line);
        return writer;
    }

    /// <exception cref="ArgumentException">The entry is out of order, occurs twice, or cannot be moved.</exception>
    public async ValueTask WriteAsync(InventoryEntry entry, CancellationToken cancellation)
    {
        if (entry.Kind == EntryKind.Other)
            throw new ArgumentException($"{entry.Path} cannot be moved: {entry.Refusal}.", nameof(entry));
        if (!sums.AddEntry(entry))
            throw new ArgumentException($"{entry.Path} is out of order.", nameof(entry));
        int start = buffer.WrittenCount;
        ManifestLines.Write(json, entry);
        json.Flush();
        json.Reset();
        sums.AddLine(buffer.WrittenSpan[start..]);
        buffer.Write("\n"u8);
        if (buffer.WrittenCount >= FlushBytes)
            await FlushAsync(cancellation);
    }

    /// <summary>Ends the manifest and puts it in its place.</summary>
    public async Task<ManifestTrailer> CompleteAsync(CancellationToken cancellation)
    {
        ManifestTrailer trailer = sums.Trailer();
        Append(JsonSerializer.SerializeToUtf8Bytes(trailer, TieringJson.Options));
        await FlushAsync(cancellation);
        await compressed.DisposeAsync();
        file.Flush(flushToDisk: true);
        await file.DisposeAsync();
        File.Move(temporary, path, overwrite: true);
        AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        completed = true;
        return trailer;
    }

    /// <summary>Removes what was written when it was not completed.</summary>
    public async ValueTask DisposeAsync()
    {
        sums.Dispose();
        await json.DisposeAsync();
        if (completed)
            return;
        await file.DisposeAsync(); // what is still in the compressor is not wanted
        File.Delete(temporary);
    }

    private void Append(ReadOnlySpan<byte> line)
    {
        buffer.Write(line);
        buffer.Write("\n"u8);
    }

    private async Task FlushAsync(CancellationToken cancellation)
    {
        await compressed.WriteAsync(buffer.WrittenMemory, cancellation);
        buffer.ResetWrittenCount();
    }
}
