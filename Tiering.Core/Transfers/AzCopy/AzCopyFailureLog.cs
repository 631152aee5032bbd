using System.Text.RegularExpressions;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>Why AzCopy failed single files. Its summary names them without a reason; only its log tells.</summary>
public static partial class AzCopyFailureLog
{
    /// <summary>
    /// Where AzCopy's logs end now, by their paths. A resumed job writes on behind that, or as AzCopy 10.18.1 does, into a log of another name: what comes
    /// after this mark belongs to the next run, for only one runs at a time.
    /// </summary>
    public static IReadOnlyDictionary<string, long> Mark(AzCopyWorkspace workspace) =>
        Logs(workspace).ToDictionary(log => log.FullName, log => log.Exists ? log.Length : 0, StringComparer.Ordinal);

    /// <summary>The files that failed since a mark, each once.</summary>
    /// <param name="workspace">The transfer job's.</param>
    /// <param name="mark">Where the logs ended before the run that is asked about.</param>
    /// <param name="most">How many are kept.</param>
    /// <returns>Null when there are more: then nothing can be concluded.</returns>
    public static async Task<IReadOnlyList<AzCopyFailure>?> ReadAsync(AzCopyWorkspace workspace, IReadOnlyDictionary<string, long> mark, int most)
    {
        IReadOnlyList<AzCopyFailure> failures = await ReadFirstAsync(workspace, mark, most + 1);
        return failures.Count > most ? null : failures;
    }

    /// <summary>The first files that failed since a mark; none when no log tells of any.</summary>
    public static async Task<IReadOnlyList<AzCopyFailure>> ReadFirstAsync(AzCopyWorkspace workspace, IReadOnlyDictionary<string, long> mark, int most)
    {
        Dictionary<string, AzCopyFailure> failures = new(StringComparer.Ordinal);
        foreach (FileInfo file in Logs(workspace))
        {
            try
            {
                await using FileStream log = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                log.Position = mark.GetValueOrDefault(file.FullName);
                await LineReader.ReadAsync(log, line =>
                {
                    if (failures.Count < most && Parse(line) is { } failure)
                        failures[failure.Source] = failure;
                });
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                // Taken away since it was listed.
            }
        }
        return [.. failures.Values];
    }

    /// <summary>None when somebody has taken the folder away: without reasons a copy goes on.</summary>
    private static IEnumerable<FileInfo> Logs(AzCopyWorkspace workspace)
    {
        try
        {
            return new DirectoryInfo(workspace.LogFolder).GetFiles("*.log").OrderBy(log => log.Name, StringComparer.Ordinal);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>What a line of the log says of a file that failed; null when it says something else.</summary>
    public static AzCopyFailure? Parse(string line) => Failed().Match(line) is { Success: true } match
        ? new AzCopyFailure(match.Groups["source"].Value.Split('?')[0], SecretRedactor.Excerpt(match.Groups["reason"].Value, 300))
        : null;

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
