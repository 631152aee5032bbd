namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// What becomes of an AzCopy job. Succeeded means that AzCopy says so: it can lie, and nothing is proved by it. Unknown covers a job
/// whose process is gone while its last word was that it runs.
/// </summary>
public enum AzCopyState { Pending, Running, Succeeded, Failed, Canceled, Unknown }

/// <summary>AzCopy's own counters. What an AzCopy does not tell is 0.</summary>
public sealed record AzCopyCounts
{
    /// <summary>Transfers known so far: files, folder stubs and links; it grows during the scan.</summary>
    public long Total { get; init; }

    public long Files { get; init; }

    public long Folders { get; init; }

    public long Links { get; init; }

    public long Completed { get; init; }

    public long Failed { get; init; }

    public long Skipped { get; init; }

    /// <summary>Whether every transfer that is known has come to an end, whichever.</summary>
    public bool AreAllEnded => Total > 0 && Completed + Failed + Skipped >= Total;

    /// <summary>Bytes of the transfers known so far.</summary>
    public long BytesExpected { get; init; }

    /// <summary>Bytes written at the destination, without retries.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>Bytes sent, retries included; 0 from <c>jobs show</c>.</summary>
    public long BytesOverWire { get; init; }

    /// <summary>0 to 100.</summary>
    public double Percent { get; init; }

    /// <summary>Links, special files and hard links that the scan left out.</summary>
    public long LeftOut { get; init; }
}

/// <summary>How far an AzCopy job has come.</summary>
/// <param name="JobId">Null before AzCopy has told it.</param>
/// <param name="State">What it means.</param>
/// <param name="RawStatus">AzCopy's own word, or null.</param>
/// <param name="LastUpdated">AzCopy's time of the last message that told counts or status; null when there was none.</param>
/// <param name="Counts">The last counters.</param>
public sealed record AzCopyProgress(string? JobId, AzCopyState State, string? RawStatus, DateTimeOffset? LastUpdated, AzCopyCounts Counts);

/// <summary>One transfer that failed or was skipped.</summary>
/// <param name="Source">As AzCopy names it, without secrets.</param>
/// <param name="Destination">As AzCopy names it, without secrets.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Status">AzCopy's word.</param>
/// <param name="ErrorCode">The HTTP status, or 0.</param>
public sealed record AzCopyTransfer(string Source, string Destination, long Bytes, string Status, string ErrorCode);

/// <summary>The end of an AzCopy job, in AzCopy's words. The same output gives an equal summary, field by field. Holds no secret.</summary>
/// <param name="JobId">Null when AzCopy never told one.</param>
/// <param name="State">Never Pending or Running.</param>
/// <param name="RawStatus">AzCopy's own word, or null.</param>
/// <param name="LastUpdated">AzCopy's time of the last message that told counts or status.</param>
/// <param name="Counts">The last counters.</param>
public sealed record AzCopySummary(string? JobId, AzCopyState State, string? RawStatus, DateTimeOffset? LastUpdated, AzCopyCounts Counts)
{
    /// <summary>Null when the process was not ours to wait for.</summary>
    public int? ExitCode { get; init; }

    /// <summary>It crashed, as its language does: a plan that it cannot read, memory or a disk that is full.</summary>
    public bool Panicked { get; init; }

    /// <summary>How many error messages there were.</summary>
    public long Errors { get; init; }

    /// <summary>How many messages hint at something that was not copied, though AzCopy calls them information.</summary>
    public long Warnings { get; init; }

    /// <summary>The first error messages and warnings, each bounded.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>The first failed transfers.</summary>
    public IReadOnlyList<AzCopyTransfer> FailedTransfers { get; init; } = [];

    /// <summary>The first skipped transfers.</summary>
    public IReadOnlyList<AzCopyTransfer> SkippedTransfers { get; init; } = [];

    /// <summary>AzCopy's summary as it was printed, redacted and bounded; empty when there was none.</summary>
    public string Raw { get; init; } = "";

    /// <summary>What was printed that is no message: usage, a panic, a failure to start; redacted and bounded.</summary>
    public string Excerpt { get; init; } = "";
}
