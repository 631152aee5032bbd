using System.Security.Cryptography;
using System.Text;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Name-based ids (RFC 9562, version 5): the same name gives the same id.</summary>
internal static class DeterministicGuid
{
    /// <summary>
    /// The namespace of the original engine's ids, which are otherwise made as here.
    /// Source: https://github.com/microsoft/durabletask-dotnet/blob/main/src/Worker/Core/Shims/TaskOrchestrationContextWrapper.cs, <c>NewGuid</c>
    /// </summary>
    public static readonly Guid OfAzure = new("9e952958-5e33-4daf-827f-2fa12937b875");

    /// <summary>The namespace of this engine's ids.</summary>
    public static readonly Guid OfThisHost = new("5b1b8f0e-6f0c-4b0e-9a53-2f6f7c0f6d5a");

    public static Guid Of(Guid space, string name)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // version 5 ids are defined so; nothing is protected by it
        SHA1.HashData([.. space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)], hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
