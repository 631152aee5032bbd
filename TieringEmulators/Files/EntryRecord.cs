namespace Tiering.Emulators.Files;

/// <summary>What a share keeps of a file or directory that a local folder cannot: it lies beside the data, in the state folder.</summary>
/// <param name="Path">Relative to the share, as it is spelt on disk.</param>
internal sealed record EntryRecord(string Path)
{
    /// <summary>The file's modification time on disk, in ticks, when this was written. A file with another was changed from outside.</summary>
    public long Seen { get; init; }

    public string ETag { get; init; } = "";

    public DateTimeOffset LastModified { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Changed { get; init; }

    /// <summary>SMB attributes joined by '|'; null for the usual ones.</summary>
    public string? Attributes { get; init; }

    public string? PermissionKey { get; init; }

    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    public string? ContentLanguage { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentDisposition { get; init; }

    public string? ContentMd5 { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
