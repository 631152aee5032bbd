using System.Security.Cryptography;

namespace Tiering.Tests.Emulators;

/// <summary>What lies in a local folder: the path of every file, and the SHA-256 of its content.</summary>
internal static class FolderContent
{
    public static SortedDictionary<string, string> Of(string folder)
    {
        SortedDictionary<string, string> content = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using FileStream stream = File.OpenRead(file);
            content[Path.GetRelativePath(folder, file)] = Convert.ToHexString(SHA256.HashData(stream));
        }
        return content;
    }

    /// <summary>Writes a file of content that does not repeat.</summary>
    public static void WriteLarge(string file, long length, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Random random = new(seed);
        byte[] block = new byte[1 << 20];
        random.NextBytes(block);
        using FileStream stream = File.Create(file);
        for (long at = 0; at < length; at += block.Length)
        {
            BitConverter.TryWriteBytes(block, at);
            stream.Write(block, 0, (int)Math.Min(block.Length, length - at));
        }
    }
}
