using Tiering.Emulators.Hosting;
using Tiering.Emulators.Identity;

namespace Tiering.Emulators.Blobs;

/// <summary>What the front stands before.</summary>
public sealed class BlobFrontOptions : EmulatorOptions
{
    /// <summary>Azurite's blob service: <c>http://127.0.0.1:PORT</c>, with or without the account behind it.</summary>
    public required Uri Azurite { get; set; }

    /// <summary>Whose bearer tokens open everything that the account's key opens. Null for none: then only SAS do.</summary>
    public TokenIssuer? Tokens { get; set; }
}
