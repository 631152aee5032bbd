using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>What AzCopy does with a file that the destination has already.</summary>
public enum AzCopyOverwrite { True, False, IfSourceNewer }

/// <summary>What <c>copy</c> is asked to do. Links are never followed and never copied, and folder stubs are never made.</summary>
public sealed record AzCopyCopyOptions
{
    public bool Recursive { get; init; } = true;

    public AzCopyOverwrite Overwrite { get; init; } = AzCopyOverwrite.True;

    /// <summary>NONE, ERROR, WARNING, INFO or DEBUG; null for <see cref="AzCopyOptions.LogLevel"/>.</summary>
    public string? LogLevel { get; init; }

    /// <summary>json, or text.</summary>
    public string OutputType { get; init; } = "json";

    /// <summary>Hot, Cool, Cold or Archive, for blobs written; null for the account's default.</summary>
    public string? BlockBlobTier { get; init; }

    /// <summary>Stores each file's MD5 at the blob; only from a folder.</summary>
    public bool PutMd5 { get; init; }

    /// <summary>Checks what is read against the MD5 stored with it (NoCheck, LogOnly, FailIfDifferent, FailIfDifferentOrMissing); only to a folder.</summary>
    public string? CheckMd5 { get; init; }

    /// <summary>Keeps owner, mode and times with the blob; only between folder and blob, and from AzCopy 10.16 on.</summary>
    public bool PreservePosixProperties { get; init; }

    /// <summary>A file that lists what is copied, a path within the source on each line, folders with all that is in them; null for everything.</summary>
    public string? List { get; init; }

    /// <summary>In pieces of what size, in MiB, files are copied from service to service; null for AzCopy's own choice.</summary>
    public double? BlockMiB { get; init; }

    /// <summary>Upper bound on throughput in megabits per second; null for none.</summary>
    public double? CapMbps { get; init; }

    /// <summary>Given to AzCopy as they are, last. Never secrets: they are shown.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>What every copy of ours between two kinds of stores is asked for.</summary>
    public static AzCopyCopyOptions Between(LocationKind source, LocationKind destination) => new()
    {
        BlockBlobTier = destination == LocationKind.Blob ? "Cool" : null,
        PutMd5 = (source, destination) == (LocationKind.Folder, LocationKind.Blob),
        CheckMd5 = (source, destination) == (LocationKind.Blob, LocationKind.Folder) ? "FailIfDifferent" : null,
    };
}
