namespace Tiering.Core.Transfers.AzCopy;

/// <summary>What every AzCopy error carries.</summary>
/// <param name="code">Stable kebab-case name.</param>
/// <param name="message">A sentence for an operator.</param>
/// <param name="isTransient">Whether the same call may succeed later.</param>
/// <param name="facts">The job, where its logs lie and what was printed.</param>
/// <param name="inner">What was caught, or null.</param>
public abstract class AzCopyException(string code, string message, bool isTransient, AzCopyFacts? facts = null, Exception? inner = null)
    : TieringException(code, message, isTransient, inner)
{
    public AzCopyFacts Facts { get; } = facts ?? AzCopyFacts.None;
}

/// <param name="JobId">Null when it is not known.</param>
/// <param name="LogFolder">Where AzCopy's logs lie; null when there are none. For operators of this machine only.</param>
/// <param name="Excerpt">Of what was printed; redacted and bounded here.</param>
public sealed record AzCopyFacts(string? JobId, string? LogFolder, string Excerpt)
{
    public static AzCopyFacts None { get; } = new(null, null, "");

    public string Excerpt { get; } = SecretRedactor.Excerpt(Excerpt, 1000);
}

/// <summary>There is no AzCopy at the configured path, or it may not be executed, or is no program.</summary>
public sealed class AzCopyNotInstalledException(string path, string why, Exception? inner = null)
    : AzCopyException("azcopy-not-installed", $"AzCopy cannot be run: {why}. AZCOPY_PATH must name the program.", isTransient: false, inner: inner)
{
    /// <summary>Where it was looked for. For operators of this machine only.</summary>
    public string Path { get; } = path;
}

/// <summary>AzCopy ended before it announced a job because something it needs is missing.</summary>
public sealed class AzCopyStartFailedException(string what, AzCopyFacts facts, Exception? inner = null)
    : AzCopyException("azcopy-start-failed", $"AzCopy did not start: {what}.", isTransient: true, facts, inner);

/// <summary>AzCopy runs, or ran, and never told its job id.</summary>
public sealed class AzCopyJobIdNotFoundException(AzCopyFacts facts)
    : AzCopyException("azcopy-job-id-not-found", "AzCopy told no job id.", isTransient: true, facts);

/// <summary>AzCopy does not know the job: it never got a plan, or its plan is lost.</summary>
public sealed class AzCopyJobNotFoundException(AzCopyFacts facts)
    : AzCopyException("azcopy-job-not-found", $"AzCopy knows no job {facts.JobId}.", isTransient: false, facts);

/// <summary>What AzCopy printed makes no sense.</summary>
public sealed class AzCopyParseException(AzCopyFacts facts)
    : AzCopyException("azcopy-parse", $"What AzCopy printed about job {facts.JobId ?? "?"} was not understood.", isTransient: false, facts);

/// <summary>A summary was asked of a job that has not ended.</summary>
public sealed class AzCopyNotFinishedException(AzCopyProgress progress, AzCopyFacts facts)
    : AzCopyException("azcopy-not-finished", $"AzCopy job {facts.JobId} has not ended ({progress.RawStatus ?? "no status yet"}).", isTransient: true, facts)
{
    public AzCopyProgress Progress { get; } = progress;
}

/// <summary>This AzCopy lacks something that the transfer needs.</summary>
public sealed class AzCopyTooOldException(Version found, string lacking, Version needed)
    : AzCopyException("azcopy-too-old", $"AzCopy {found} has no {lacking}; {needed} or later is needed.", isTransient: false);

/// <summary>Plans and logs have no room, or none within their budget.</summary>
public sealed class AzCopyDiskException(string what) : AzCopyException("azcopy-disk-budget", what, isTransient: false);

/// <summary>A setting, a location or an option cannot be used with AzCopy.</summary>
public sealed class AzCopyInvalidException(string what) : AzCopyException("azcopy-invalid", what, isTransient: false);
