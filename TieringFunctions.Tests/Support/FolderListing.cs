using System.Globalization;
using System.Security.Cryptography;

namespace Tiering.Tests.Support;

/// <summary>What a folder holds, one line an entry: kind, path, mode, time, size and SHA-256, or the target of a link. Our own walk, not the product's.</summary>
public static class FolderListing
{
    public static IReadOnlyList<string> Of(string root) => 
    [
        $"root {Mode(new DirectoryInfo(root))} {Time(new DirectoryInfo(root))}",
        .. Walk(new DirectoryInfo(root), "").Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Walk(DirectoryInfo folder, string prefix)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false }))
        {
            string path = prefix + entry.Name;
            string time = Time(entry);
            if (entry.LinkTarget is { } target)
            {
                yield return $"link {path} {time} -> {target}";
            }
            else if (entry is DirectoryInfo child)
            {
                yield return $"folder {path} {Mode(entry)} {time}";
                foreach (string line in Walk(child, path + "/"))
                    yield return line;
            }
            else
            {
                using FileStream content = File.OpenRead(entry.FullName);
                yield return $"file {path} {Mode(entry)} {time} {content.Length} {Convert.ToHexStringLower(SHA256.HashData(content))}";
            }
        }
    }

    private static string Time(FileSystemInfo entry) => entry.LastWriteTimeUtc.ToString("O", CultureInfo.InvariantCulture);

    private static string Mode(FileSystemInfo entry) => Convert.ToString((int)entry.UnixFileMode, 8);
}
