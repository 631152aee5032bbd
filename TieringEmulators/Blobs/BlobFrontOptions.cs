using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Blobs;

/// <summary>What the front stands before.</summary>
public sealed class BlobFrontOptions : EmulatorOptions
{
    /// <summary>Azurite's blob service: <c>http://127.0.0.1:PORT</c>, with or without the account behind it.</summary>
    public required Uri Azurite { get; set; }

    /// <summary>Containers under a time-based retention policy whose days never end: what lies there can be neither replaced nor removed.</summary>
    public HashSet<string> ImmutableContainers { get; } = new(StringComparer.Ordinal);
}
