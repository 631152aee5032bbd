using Tiering.Core;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Embedded;

/// <summary>The archive below <c>TIERING_DATA/archive</c>. What a crash leaves has another ending, and is no part of it.</summary>
/// <param name="folder">The folder; made when it is missing.</param>
public sealed class Archive(string folder) : IArchive
{
    public Task WriteAsync<T>(string name, IReadOnlyList<T> lines, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = Path.Combine(folder, ArchiveFile.NameOf(name));
        string draft = path + ".tmp";
        using (FileStream file = new(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            ArchiveFile.Write(file, lines);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
        AtomicFile.SyncFolder(folder);
        return Task.CompletedTask;
    }
}
