namespace Tiering.Core.Transfers.Inventories;

/// <summary>What an entry of an inventory is. Links are kept as links and never followed.</summary>
public enum EntryKind { File, Folder, Link }

/// <summary>One file, folder or link of a project, as a store shows it. What a store does not know is null.</summary>
/// <param name="Path">Relative to the project's folder, separated by '/', never empty. Inventories are in the order of its UTF-8 bytes.</param>
/// <param name="Kind">File, folder or link.</param>
/// <param name="Size">In bytes; 0 for folders and links.</param>
public sealed record InventoryEntry(string Path, EntryKind Kind, long Size)
{
    /// <summary>Last change of the content, as exactly as the store keeps it.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Last change of content or attributes, where the store has one (POSIX ctime): it tells a rewrite that put the old time back.</summary>
    public DateTimeOffset? Changed { get; init; }

    /// <summary>POSIX permission bits (07777), from a folder.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a link points, as written; null for files and folders.</summary>
    public string? Target { get; init; }

    /// <summary>The store's version of the content.</summary>
    public string? ETag { get; init; }

    /// <summary>MD5 of the content in base64, as the store gives it or as it was measured.</summary>
    public string? Md5 { get; init; }
}
