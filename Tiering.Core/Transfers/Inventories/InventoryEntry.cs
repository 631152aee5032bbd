namespace Tiering.Core.Transfers.Inventories;

/// <summary>
/// What an entry of an inventory is. Links are kept as links and never followed. Other is what cannot be moved at all: a socket, a pipe,
/// a device, or a name that is not valid text; <see cref="InventoryEntry.Refusal"/> says which.
/// </summary>
public enum EntryKind { File, Folder, Link, Other }

/// <summary>One file, folder or link of a project, as a store shows it. What a store does not know is null.</summary>
/// <param name="Path">Relative to the project's folder, separated by '/', never empty. Inventories are in the order of its UTF-8 bytes.</param>
/// <param name="Kind">File, folder, link, or something that cannot be moved.</param>
/// <param name="Size">In bytes; 0 for all but files.</param>
public sealed record InventoryEntry(string Path, EntryKind Kind, long Size)
{
    /// <summary>Last change of the content, as exactly as the store keeps it, in steps of 100 ns.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Nanoseconds, 0 to 99, that come on top of <see cref="Modified"/>.</summary>
    public int ModifiedNanoseconds { get; init; }

    /// <summary>Last change of content or attributes, where the store has one (POSIX ctime): it tells a rewrite that put the old time back.</summary>
    public DateTimeOffset? Changed { get; init; }

    /// <summary>POSIX permission bits (07777), from a folder.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a link points, as written; null for all but links.</summary>
    public string? Target { get; init; }

    /// <summary>The store's version of the content.</summary>
    public string? ETag { get; init; }

    /// <summary>MD5 of the content in base64, as the store gives it or as it was measured.</summary>
    public string? Md5 { get; init; }

    /// <summary>A blob's access tier (<c>Hot</c>, <c>Cool</c>, <c>Cold</c>, <c>Archive</c>).</summary>
    public string? Tier { get; init; }

    /// <summary>SMB attributes in the order in which the share names them (<c>ReadOnly | Hidden</c>), from a share.</summary>
    public string? Attributes { get; init; }

    /// <summary>When it came into being, from a share.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Why it cannot be moved; only for <see cref="EntryKind.Other"/>. The path is then for showing, with bytes that are no text escaped.</summary>
    public string? Refusal { get; init; }
}
