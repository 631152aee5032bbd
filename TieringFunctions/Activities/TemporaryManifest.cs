using Tiering.Core;

namespace Tiering.Functions.Activities;

/// <summary>A place for a manifest on this machine, for as long as it is needed.</summary>
internal sealed class TemporaryManifest : IDisposable
{
    private readonly TemporaryFolder folder = TemporaryFolder.Create();

    public string Path => folder.At("manifest.jsonl.gz");

    /// <summary>A second file beside it.</summary>
    public string CompletedPath => folder.At("completed.jsonl.gz");

    public void Dispose() => folder.Dispose();
}
