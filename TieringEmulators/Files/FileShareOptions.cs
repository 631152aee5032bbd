using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>What the Files emulator serves.</summary>
public sealed class FileShareOptions : EmulatorOptions
{
    /// <summary>A folder that exists: each folder below it whose name a share can have is a share, and new shares are created here.</summary>
    public required string Root { get; set; }

    /// <summary>Where attributes, metadata and ETags are kept. Null for <c>.emulator</c> below <see cref="Root"/>.</summary>
    public string? StateFolder { get; set; }

    /// <summary>Shares that lie elsewhere: the name, and a folder that exists.</summary>
    public Dictionary<string, string> Shares { get; } = new(StringComparer.Ordinal);
}
