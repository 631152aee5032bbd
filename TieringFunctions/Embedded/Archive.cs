using System.IO.Compression;
using System.Text.Json;
using Tiering.Core;

namespace Tiering.Functions.Embedded;

/// <summary>Keeps what is removed: files of JSON Lines, compressed, below <c>TIERING_DATA/archive</c>. One that is there is complete.</summary>
/// <param name="folder">The folder; made when it is missing.</param>
public sealed class Archive(string folder)
{
    /// <summary>Writes a file, durably, and gives its path. What a crash leaves has another ending, and is no part of the archive.</summary>
    /// <param name="name">Without ending; the same name again takes the place of the file.</param>
    /// <param name="lines">Each becomes one line.</param>
    public string Write<T>(string name, IEnumerable<T> lines)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = Path.Combine(folder, $"{name}.jsonl.gz");
        string draft = path + ".tmp";
        using (FileStream file = new(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            using (GZipStream compressed = new(file, CompressionLevel.Optimal, leaveOpen: true))
            {
                foreach (T line in lines)
                {
                    JsonSerializer.Serialize(compressed, line, TieringJson.Options);
                    compressed.WriteByte((byte)'\n');
                }
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
        AtomicFile.SyncFolder(folder);
        return path;
    }
}
