namespace Tiering.Core.Transfers.Locations;

/// <summary>What opens one location for the length of a transfer. It holds secrets: it lies in <c>access.json</c> only, and never shows them.</summary>
public sealed record LocationAccess
{
    /// <summary>For folders, which need none, and for managed identities, which sign in by themselves.</summary>
    public static LocationAccess None { get; } = new();

    /// <summary>SAS for AzCopy, without a leading '?'; null for folders and managed identities.</summary>
    public string? AzCopySas { get; init; }

    /// <summary>SAS for our own listing, reading and removing, without a leading '?'; null for folders and managed identities.</summary>
    public string? OwnSas { get; init; }

    /// <summary>When both stop working; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public override string ToString() => ExpiresAt is { } end ? $"access until {end:O}" : "access without a token";
}

/// <summary>What an agent needs to reach both sides of a transfer.</summary>
/// <param name="Source">Reads and lists only.</param>
/// <param name="Destination">Reads, lists, writes and removes for ourselves; no listing for AzCopy.</param>
public sealed record TransferAccess(LocationAccess Source, LocationAccess Destination)
{
    /// <summary>When the first of them stops working; null for never.</summary>
    public DateTimeOffset? ExpiresAt => (Source.ExpiresAt, Destination.ExpiresAt) switch
    {
        ({ } source, { } destination) => source < destination ? source : destination,
        (var source, var destination) => source ?? destination,
    };

    public override string ToString() => $"source: {Source}; destination: {Destination}";
}
