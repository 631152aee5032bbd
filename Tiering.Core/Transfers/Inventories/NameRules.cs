using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>
/// Finds, before a byte moves, the entries of a source that the destination cannot hold or that would poison it. Folders and links do not
/// become blobs (they stay in the manifest), so that only files are checked for blobs.
/// </summary>
/// <param name="destination">Where they are going.</param>
/// <param name="source">Where they come from, and are to come back to: what could not come back is refused before it leaves.</param>
public sealed class NameRules(Location destination, LocationKind source = LocationKind.Folder)
{
    /// <summary>
    /// The longest name, in bytes, that AzCopy brings into a folder: it downloads to <c>.azDownload-JOBID-NAME</c>, which is 49 bytes
    /// longer and may have 255. A longer one would leave for ever.
    /// </summary>
    public const int LongestDownload = 255 - 49;

    private static readonly SearchValues<char> ReservedInShares = SearchValues.Create("\"\\:|<>*?");

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CLOCK$", .. Enumerable.Range(1, 9).SelectMany(n => (string[])[$"COM{n}", $"LPT{n}"])],
        StringComparer.OrdinalIgnoreCase);

    private readonly int placeLength = destination.Kind == LocationKind.Folder
        ? Encoding.UTF8.GetByteCount(destination.Address) + 1
        : Uri.UnescapeDataString(destination.Below).Length + 1;

    private readonly Dictionary<UInt128, UInt128> folded = []; // path without case -> path, both hashed: bounded by 48 bytes a path
    private readonly Stack<string> files = new();
    private string previous = "";

    /// <summary>Checks one entry of the source; a sequence must come in order. Every refusal goes to <paramref name="found"/> as <see cref="DifferenceClass.NotRepresentable"/>.</summary>
    /// <returns>Whether the entry can be moved.</returns>
    public bool Check(InventoryEntry entry, Differences found)
    {
        if (Refusal(entry) is not { } why)
            return true;
        found.Add(DifferenceClass.NotRepresentable, Display(entry.Path), why);
        return false;
    }

    private string? Refusal(InventoryEntry entry) => entry.Kind == EntryKind.Other
        ? entry.Refusal ?? "it cannot be moved"
        : destination.Kind switch
        {
            LocationKind.Blob when entry.Kind == EntryKind.File => BlobRefusal(entry.Path) ?? ReturnRefusal(entry),
            LocationKind.Blob => source == LocationKind.Share ? ReturnRefusal(entry) : null,
            LocationKind.Share => entry.Kind == EntryKind.Link ? "a file share holds no links" : ShareRefusal(entry.Path) ?? Twin(entry.Path) ?? FileAbove(entry),
            _ => FolderRefusal(entry.Path) ?? DownloadRefusal(entry) ?? FileAbove(entry),
        };

    /// <summary>What cannot come back must not leave: a share may hold names, made by other clients, that its own interface refuses.</summary>
    private string? ReturnRefusal(InventoryEntry entry) => source switch
    {
        LocationKind.Folder => DownloadRefusal(entry),
        LocationKind.Share => ShareRefusal(entry.Path),
        _ => null,
    };

    // Source: https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    private string? BlobRefusal(string path)
    {
        string[] parts = path.Split('/');
        return path switch
        {
            _ when path.Contains('\\', StringComparison.Ordinal) => "a blob's name cannot hold a backslash",
            _ when path.Any(char.IsControl) => "a control character in a blob's name poisons the listing",
            _ when path.AsSpan().ContainsAny('\ufffe', '\uffff') => "the character U+FFFE or U+FFFF in a blob's name poisons the listing",
            _ when !IsText(path) => "its name is not valid Unicode",
            _ when parts.Any(part => part is "" or "." or "..") => "a blob's name cannot have '', '.' or '..' as a part",
            _ when placeLength + path.Length > 1024 => "a blob's name cannot be longer than 1,024 characters, its project's place included",
            _ when parts.Length + 1 + destination.Below.Count(c => c == '/') > 254 => "a blob's name cannot have more than 254 parts",
            _ => null,
        };
    }

    // Source: https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata
    private string? ShareRefusal(string path)
    {
        string[] parts = path.Split('/');
        return path switch
        {
            _ when path.AsSpan().ContainsAny(ReservedInShares) => "a file share's names cannot hold any of \" \\ : | < > * ?",
            _ when path.Any(char.IsControl) => "a file share's names cannot hold control characters",
            _ when path.AsSpan().ContainsAny('\ufffe', '\uffff') || !IsText(path) => "its name is not valid Unicode",
            _ when parts.Any(part => part.Length == 0) => "a file share's names cannot be empty",
            _ when parts.Any(part => part.EndsWith('.') || part.EndsWith(' ')) => "a file share's names cannot end in a dot or a space",
            _ when parts.Any(Devices.Contains) => "a file share's names cannot be those of devices, such as CON or LPT1",
            _ when parts.Any(part => part.Length > 255) => "a file share's names cannot be longer than 255 characters",
            _ when placeLength + path.Length > 2048 => "a file share's paths cannot be longer than 2,048 characters",
            _ when parts.Length + 1 + destination.Below.Count(c => c == '/') > 250 => "a file share's paths cannot have more than 250 parts",
            _ => null,
        };
    }

    private string? FolderRefusal(string path)
    {
        string[] parts = path.Split('/');
        return path switch
        {
            _ when path.Contains('\0', StringComparison.Ordinal) => "a file's name cannot hold the character NUL",
            _ when !IsText(path) => "its name is not valid Unicode",
            _ when parts.Any(part => part is "" or "." or "..") => "a path in a folder cannot have '', '.' or '..' as a part",
            _ when parts.Any(part => Encoding.UTF8.GetByteCount(part) > 255) => "a file's name cannot be longer than 255 bytes",
            _ when placeLength + Encoding.UTF8.GetByteCount(path) > 4095 => "a path in a folder cannot be longer than 4,095 bytes",
            _ => null,
        };
    }

    private static string? DownloadRefusal(InventoryEntry entry) =>
        entry.Kind == EntryKind.File && Encoding.UTF8.GetByteCount(entry.Path.AsSpan(entry.Path.LastIndexOf('/') + 1)) > LongestDownload
            ? string.Create(CultureInfo.InvariantCulture, $"AzCopy cannot bring a file into a folder whose name has more than {LongestDownload} bytes")
            : null;

    // Blobs may be called "a" and "a/b": in a folder, a would be file and folder at once.
    private string? FileAbove(InventoryEntry entry)
    {
        while (files.TryPeek(out string? file) && !PathRange.IsOpen(file, entry.Path))
            files.Pop();
        if (files.FirstOrDefault(file => PathRange.Contains(file, entry.Path)) is { } above)
            return $"{above} is a file, and cannot be a folder too";
        if (entry.Kind != EntryKind.Folder)
            files.Push(entry.Path);
        return null;
    }

    // Every part of a path counts: an inventory of blobs does not list the folders.
    private string? Twin(string path)
    {
        string? refusal = null;
        int same = path.AsSpan().CommonPrefixLength(previous);
        for (int end = path.IndexOf('/', StringComparison.Ordinal); refusal is null; end = path.IndexOf('/', end + 1))
        {
            string part = end < 0 ? path : path[..end];
            if ((part.Length > same || part.Length == path.Length) && !folded.TryAdd(Hash(part.ToUpperInvariant()), Hash(part))
                && folded[Hash(part.ToUpperInvariant())] != Hash(part))
                refusal = "a file share does not tell capital letters from small ones, and this name is there twice";
            if (end < 0)
                break;
        }
        previous = path;
        return refusal;
    }

    private static UInt128 Hash(string text) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsText(string path)
    {
        ReadOnlySpan<char> rest = path;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int length) != OperationStatus.Done)
                return false;
            rest = rest[length..];
        }
        return true;
    }

    // What a terminal or a log would swallow is shown as its code.
    private static string Display(string path) => string.Concat(path.Select(c =>
        char.IsControl(c) || char.IsSurrogate(c) && !IsText(path) || c is '\ufffe' or '\uffff'
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}")
            : c.ToString()));
}
