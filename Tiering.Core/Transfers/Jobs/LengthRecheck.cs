namespace Tiering.Core.Transfers.Jobs;

/// <summary>
/// Files that AzCopy called failed for their length only (<c>recheck.json</c>): whether it was mistaken is found out by reading them on both
/// sides. Kept as evidence.
/// </summary>
/// <param name="AzCopyJob">The AzCopy job.</param>
/// <param name="Files">The files, with what AzCopy said and what was measured.</param>
public sealed record LengthRecheck(string AzCopyJob, IReadOnlyList<RecheckedFile> Files)
{
    /// <summary>More than this many are no mistake.</summary>
    public const int MaxFiles = 10_000;

    /// <summary>For the details of a failure.</summary>
    public IReadOnlyDictionary<string, string> Details() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["job_id"] = AzCopyJob,
        ["length_mismatches"] = Files.Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["length_mismatches.first"] = string.Join('\n', Files.Take(20).Select(file => $"{file.Path}: {file.Reason}")),
    };
}

/// <param name="Path">Relative to the project.</param>
/// <param name="Reason">AzCopy's words.</param>
public sealed record RecheckedFile(string Path, string Reason)
{
    /// <summary>The length that source and copy were found to have; null until both were read.</summary>
    public long? Bytes { get; init; }

    /// <summary>The MD5, in base64, that was measured on both sides; null until then.</summary>
    public string? Md5 { get; init; }
}
