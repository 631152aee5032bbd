using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tiering.Emulators.Files;

/// <summary>A file or directory as the share shows it: what is on disk, completed by its record.</summary>
/// <param name="Path">Relative to the share, spelt as on disk; empty for the share's root.</param>
/// <param name="Disk">What is on disk.</param>
/// <param name="Record">What was kept beside it; null for what nobody has written through the share.</param>
internal sealed record ShareEntry(string Path, FileSystemInfo Disk, EntryRecord? Record)
{
    private const string UsualPermissionKey = "17860367565182308406*11459378189709739967";

    public bool IsFolder => Disk is DirectoryInfo;

    public string Name => Disk.Name;

    public long Length => Disk is FileInfo file ? file.Length : 0;

    /// <summary>Whether the content is still what was last written through the share.</summary>
    public bool IsKnown => Record is not null && (IsFolder || Record.Seen == Disk.LastWriteTimeUtc.Ticks);

    public string ETag => IsKnown ? Record!.ETag : DerivedETag();

    public DateTimeOffset LastModified => IsKnown ? Record!.LastModified : LastWritten;

    public DateTimeOffset LastWritten => new(Disk.LastWriteTimeUtc, TimeSpan.Zero);

    public DateTimeOffset Created => Record?.Created ?? new DateTimeOffset(Disk.CreationTimeUtc, TimeSpan.Zero);

    public DateTimeOffset Changed => IsKnown && Record!.Changed is { } changed ? changed : LastWritten;

    public string Attributes => Record?.Attributes ?? (IsFolder ? "Directory" : "Archive");

    public bool IsReadOnly => Attributes.Split('|').Contains("ReadOnly");

    public string PermissionKey => Record?.PermissionKey ?? UsualPermissionKey;

    public string Id => IdOf(Path);

    public string ParentId => IdOf(System.IO.Path.GetDirectoryName(Path) ?? "");

    private string DerivedETag() => IsFolder
        ? $"\"0x8D{IdHash(Path):X13}\""
        : string.Create(CultureInfo.InvariantCulture, $"\"0x8D{(ulong)HashCode(LastWritten.UtcTicks, Length):X13}\"");

    private static long HashCode(long ticks, long length) =>
        BitConverter.ToInt64(SHA256.HashData([.. BitConverter.GetBytes(ticks), .. BitConverter.GetBytes(length)])) & 0xF_FFFF_FFFF_FFFF;

    private static string IdOf(string path) => path.Length == 0 ? "0" : IdHash(path).ToString(CultureInfo.InvariantCulture);

    private static long IdHash(string path) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(path))) & 0xF_FFFF_FFFF_FFFF;
}
