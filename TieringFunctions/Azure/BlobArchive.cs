using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Azure;

/// <summary>The archive as blobs in the container of manifests, below <c>archive/</c>.</summary>
/// <param name="blobs">The container that <see cref="BlobManifestStore"/> uses.</param>
public sealed class BlobArchive(BlobFolder blobs) : IArchive
{
    private const string Folder = "archive/"; // no project's: theirs are hashes

    public async Task WriteAsync<T>(string name, IReadOnlyList<T> lines, CancellationToken cancellation)
    {
        using MemoryStream file = new();
        ArchiveFile.Write(file, lines);
        file.Position = 0;
        await blobs.PutAsync(Folder + ArchiveFile.NameOf(name), file, replace: true, cancellation);
    }
}
