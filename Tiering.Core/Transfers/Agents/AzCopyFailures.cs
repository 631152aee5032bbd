using System.Globalization;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Says why a copy was given up.</summary>
internal static class AzCopyFailures
{
    private const string NoRoom = "no space left on device";

    /// <param name="end">How the last AzCopy ended.</param>
    /// <param name="retries">What was tried.</param>
    /// <param name="reasons">Why single files failed, as AzCopy's log tells it.</param>
    /// <param name="job">What was to be copied.</param>
    public static TransferFailedException Of(AzCopyEnd end, AzCopyRetries retries, IReadOnlyList<AzCopyFailure> reasons, TransferJob job)
    {
        AzCopySummary summary = end.Summary;
        Dictionary<string, string> details = Details(summary, reasons, job);
        bool noRoom = summary.Messages.Concat(reasons.Select(reason => reason.Reason)).Any(text => text.Contains(NoRoom, StringComparison.OrdinalIgnoreCase));
        return end.Cause switch
        {
            AzCopyCause.Asked => new("azcopy-prompt", $"AzCopy asked a question instead of copying: {end.Question}", details),
            AzCopyCause.Stalled => new("stalled", $"AzCopy made no progress any more{(retries.IsWornOut ? AllInAll(retries) : $", {retries.InARow} times in a row")}.", details),
            AzCopyCause.WrongJob => new("azcopy-wrong-job", "AzCopy told the id of a job that is not its own.", details),
            AzCopyCause.Killed => new(
                "azcopy-killed",
                $"AzCopy was killed{(retries.IsWornOut ? AllInAll(retries) : $" {retries.InARow} times in a row without getting on")}: by the system for want of memory (AZCOPY_BUFFER_GB), or by somebody.",
                details),
            AzCopyCause.Crashed when summary.Excerpt.Contains(NoRoom, StringComparison.OrdinalIgnoreCase) =>
                new("azcopy-disk-full", "There is no room left for AzCopy's plans and logs.", details),
            AzCopyCause.Crashed => new("azcopy-crashed", $"AzCopy crashed: {FirstLine(summary.Excerpt)}", details),
            _ when noRoom && job.Destination.Kind == LocationKind.Folder => new("disk-full", "The destination's disk is full.", details),
            _ when summary.Counts.Failed > 0 => new("azcopy-failed", $"AzCopy reported {summary.Counts.Failed} failed transfer(s)", details),
            _ => summary.State switch
            {
                AzCopyState.Canceled => new("azcopy-cancelled", "AzCopy job was canceled", details),
                AzCopyState.Unknown => new("azcopy-unknown", "AzCopy returned an unknown status", details),
                _ => new("azcopy-failed", "AzCopy job failed", details),
            },
        };
    }

    /// <summary>What an AzCopy that did not get as far as a job has said; null when it said nothing.</summary>
    public static IReadOnlyDictionary<string, string>? DetailsOf(AzCopyFacts facts) => facts.Excerpt.Length == 0
        ? null
        : new Dictionary<string, string>(StringComparer.Ordinal) { ["job_id"] = facts.JobId ?? "", ["said"] = FirstLine(facts.Excerpt) };

    /// <summary>Why one that gets on is given up in the end all the same.</summary>
    private static string AllInAll(AzCopyRetries retries) => $", and has now ended too early {retries.Ends} times, although it got on in between";

    private static Dictionary<string, string> Details(AzCopySummary summary, IReadOnlyList<AzCopyFailure> reasons, TransferJob job) => new(StringComparer.Ordinal)
    {
        ["job_id"] = summary.JobId ?? "",
        ["azcopy_state"] = summary.RawStatus ?? "",
        ["exit_code"] = summary.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "",
        ["failed_transfers"] = summary.Counts.Failed.ToString(CultureInfo.InvariantCulture),
        ["skipped_transfers"] = summary.Counts.Skipped.ToString(CultureInfo.InvariantCulture),
        ["first"] = string.Join('\n', summary.FailedTransfers.Take(20).Select(transfer => $"{Relative(transfer.Source, job.Source)}: {transfer.Status} {transfer.ErrorCode}")),
        ["reasons"] = string.Join('\n', reasons.Take(5).Select(reason => reason.Reason)),
        ["said"] = string.Join('\n', summary.Messages.Take(5).Append(FirstLine(summary.Excerpt)).Where(line => line.Length > 0)),
    };

    private static string FirstLine(string text) => SecretRedactor.Excerpt(text.Split('\n')[0].Trim(), 300);

    /// <summary>A path within the project: where the project lies is nothing for those who read results.</summary>
    private static string Relative(string path, Location source) =>
        path.StartsWith(source.Address, StringComparison.Ordinal) ? path[source.Address.Length..].TrimStart('/') : Path.GetFileName(path);
}
