using System.Text.RegularExpressions;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Why AzCopy failed single files. Its summary names them without a reason; only its log tells.</summary>
public static partial class AzCopyFailureLog
{
    /// <summary>Where the log of a job ends now; 0 when there is none. A resumed job writes on behind it.</summary>
    public static long EndOf(AzCopyWorkspace workspace, string? jobId) =>
        jobId is not null && new FileInfo(PathOf(workspace, jobId)) is { Exists: true } log ? log.Length : 0;

    /// <summary>The files that failed, each once, in the order of the log.</summary>
    /// <param name="workspace">The transfer job's.</param>
    /// <param name="jobId">AzCopy's job.</param>
    /// <param name="from">Where its log ended before the run that is asked about.</param>
    /// <param name="most">How many are kept.</param>
    /// <returns>Null when there are more, or no log: then nothing can be concluded.</returns>
    public static async Task<IReadOnlyList<AzCopyFailure>?> ReadAsync(AzCopyWorkspace workspace, string jobId, long from, int most)
    {
        IReadOnlyList<AzCopyFailure>? failures = await ReadUpToAsync(workspace, jobId, from, most + 1);
        return failures is null || failures.Count > most ? null : failures;
    }

    /// <summary>The first files that failed; none when there is no log.</summary>
    public static async Task<IReadOnlyList<AzCopyFailure>> ReadFirstAsync(AzCopyWorkspace workspace, string jobId, long from, int most) =>
        await ReadUpToAsync(workspace, jobId, from, most) ?? [];

    private static async Task<IReadOnlyList<AzCopyFailure>?> ReadUpToAsync(AzCopyWorkspace workspace, string jobId, long from, int most)
    {
        Dictionary<string, AzCopyFailure> failures = new(StringComparer.Ordinal);
        try
        {
            await using FileStream log = new(PathOf(workspace, jobId), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            log.Position = from;
            await LineReader.ReadAsync(log, line =>
            {
                if (failures.Count < most && Parse(line) is { } failure)
                    failures[failure.Source] = failure;
            });
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        return [.. failures.Values];
    }

    /// <summary>What a line of the log says of a file that failed; null when it says something else.</summary>
    public static AzCopyFailure? Parse(string line) => Failed().Match(line) is { Success: true } match
        ? new AzCopyFailure(match.Groups["source"].Value.Split('?')[0], SecretRedactor.Excerpt(match.Groups["reason"].Value, 300))
        : null;

    private static string PathOf(AzCopyWorkspace workspace, string jobId) => Path.Combine(workspace.LogFolder, $"{jobId}.log");

    // ERR: [P#0-T#3] COPYFAILED: http://…/a%20b.txt : 000 : destination length does not match source length. When S2S Length check. …
    [GeneratedRegex(@" (COPY|UPLOAD|DOWNLOAD)FAILED: (?<source>.+?) : (?<reason>\d{3} : .*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Failed();
}

/// <param name="Source">The file as AzCopy names it, without its query.</param>
/// <param name="Reason">HTTP status, or 000, and AzCopy's words; redacted and bounded.</param>
public sealed record AzCopyFailure(string Source, string Reason)
{
    /// <summary>
    /// AzCopy copied the file and then found, or believed, that the copy has another length. Service to service it is sometimes mistaken.
    /// Source: github.com/Azure/azure-storage-azcopy, issue 3364.
    /// </summary>
    public bool IsLengthMismatch => Reason.StartsWith("000 : destination length does not match source length", StringComparison.OrdinalIgnoreCase);
}
