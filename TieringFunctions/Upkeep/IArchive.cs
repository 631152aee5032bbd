using System.IO.Compression;
using System.Text.Json;
using Tiering.Core;

namespace Tiering.Functions.Upkeep;

/// <summary>Keeps what is removed: files of JSON Lines, compressed. One that is there is complete.</summary>
public interface IArchive
{
    /// <summary>Writes a file, durably.</summary>
    /// <param name="name">Without ending; the same name again takes the place of the file.</param>
    /// <param name="lines">Each becomes one line.</param>
    /// <param name="cancellation">Ends it; what it leaves is no part of the archive.</param>
    Task WriteAsync<T>(string name, IReadOnlyList<T> lines, CancellationToken cancellation);
}

/// <summary>The form of a file of the archive.</summary>
internal static class ArchiveFile
{
    public static string NameOf(string name) => $"{name}.jsonl.gz";

    /// <summary>Writes the lines; the stream stays open.</summary>
    public static void Write<T>(Stream target, IEnumerable<T> lines)
    {
        using GZipStream compressed = new(target, CompressionLevel.Optimal, leaveOpen: true);
        foreach (T line in lines)
        {
            JsonSerializer.Serialize(compressed, line, TieringJson.Options);
            compressed.WriteByte((byte)'\n');
        }
    }
}
