using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>The first line of a manifest: what it is about.</summary>
/// <param name="Project">The project.</param>
/// <param name="Operation">The operation that it belongs to; null for a baseline made by adoption.</param>
/// <param name="Kind">The kind of store that the inventory was taken of.</param>
/// <param name="CreatedAt">When the inventory was taken.</param>
public sealed record ManifestHeader(ProjectSlug Project, OperationKey? Operation, LocationKind Kind, DateTimeOffset CreatedAt)
{
    /// <summary>The format that is written.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The oldest format that is read. In it the project's own folder does not enter into the root.</summary>
    public const int OldestVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Mode, times and attributes of the project's own folder, as an entry with the path <c>.</c>; null where the store keeps none.</summary>
    public InventoryEntry? Root { get; init; }

    /// <summary>What of this header enters into the root of the manifest, before all entries.</summary>
    internal InventoryEntry? CertifiedRoot => Version > OldestVersion ? Root : null;
}

/// <summary>The last line of a manifest: what the lines before it add up to.</summary>
/// <param name="Size">Files and their bytes.</param>
/// <param name="Folders">How many folders.</param>
/// <param name="Links">How many links.</param>
/// <param name="Root">SHA-256, in lower-case hexadecimal, over path, kind, size, time of last change and MD5 of every entry in order, and over the project's own folder.</param>
/// <param name="Lines">SHA-256, in lower-case hexadecimal, over all lines before this one, so that nothing can be altered unseen.</param>
public sealed record ManifestTrailer(DataSize Size, long Folders, long Links, string Root, string Lines);

/// <param name="reason">What is wrong with it.</param>
/// <param name="inner">What was caught.</param>
public sealed class ManifestCorruptException(string reason, Exception? inner = null)
    : TieringException("manifest-corrupt", $"The manifest is damaged: {reason}.", isTransient: false, inner);
