using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>What of a manifest must be found in a copy. Paths, kinds of files, sizes, and MD5 where both have one, always.</summary>
/// <param name="Folders">Whether folders must be there; else they are kept in the manifest only, and extra ones do not matter.</param>
/// <param name="Links">Whether links must be there, with their targets; else they are kept in the manifest only.</param>
/// <param name="Times">Whether the times of last change must be the manifest's.</param>
/// <param name="Modes">Whether the POSIX modes must be the manifest's.</param>
/// <param name="Tier">The access tier that every file must have; null when it does not matter.</param>
public sealed record CopyRules(bool Folders, bool Links, bool Times, bool Modes, string? Tier = null)
{
    /// <summary>What must be in a copy of the given kind, once what AzCopy does not carry was put back.</summary>
    /// <param name="kind">The kind of store that holds the copy.</param>
    /// <param name="tier">For blobs: the tier that was asked for.</param>
    public static CopyRules For(LocationKind kind, string? tier = null) => kind switch
    {
        LocationKind.Folder => new CopyRules(Folders: true, Links: true, Times: true, Modes: true),
        LocationKind.Share => new CopyRules(Folders: true, Links: false, Times: true, Modes: false),
        _ => new CopyRules(Folders: false, Links: false, Times: false, Modes: false, tier),
    };

    /// <summary>Whether an entry of this kind must be in the copy.</summary>
    internal bool Asks(EntryKind kind) => kind switch
    {
        EntryKind.Folder => Folders,
        EntryKind.Link => Links,
        _ => true,
    };
}
