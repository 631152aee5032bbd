namespace Tiering.Functions.Activities;

/// <summary>A place for a manifest on this machine, for as long as it is needed.</summary>
internal sealed class TemporaryManifest : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tiering-");

    public string Path => System.IO.Path.Combine(folder.FullName, "manifest.jsonl.gz");

    /// <summary>A second file beside it.</summary>
    public string CompletedPath => System.IO.Path.Combine(folder.FullName, "completed.jsonl.gz");

    public void Dispose() => folder.Delete(recursive: true);
}
