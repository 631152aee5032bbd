using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Blobs;

/// <summary>What the front stands before.</summary>
public sealed class BlobFrontOptions : EmulatorOptions
{
    /// <summary>Azurite's blob service: <c>http://127.0.0.1:PORT</c>, with or without the account behind it.</summary>
    public required Uri Azurite { get; set; }

    /// <summary>Containers under a time-based retention policy: what lies there can be neither replaced nor removed.</summary>
    public HashSet<string> ImmutableContainers { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the days of all blobs under such a policy are over: then they can be removed, and still not be replaced.
    /// Source: https://learn.microsoft.com/azure/storage/blobs/immutable-container-level-worm-policies, "Scenarios".
    /// </summary>
    public bool RetentionIsOver { get; set; }
}
