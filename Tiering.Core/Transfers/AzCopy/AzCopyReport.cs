using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// Understands what AzCopy prints, line by line: JSON messages, or the text that it prints without them. It never fails, whatever the
/// lines hold; has no clock; and the same lines give the same report. Not safe for concurrent use.
/// </summary>
public sealed class AzCopyReport
{
    /// <summary>How much of each kind is kept.</summary>
    public const int MaxMessages = 20, MaxMessageChars = 2000, MaxTransfers = 100, MaxRawChars = 64 * 1024, MaxExcerptChars = 4000;

    // What AzCopy calls information, and what leaves files out.
    private static readonly string[] Hints = ["failed", "WARN", "Authentication", "skipp", "not be copied", "cannot ", "Accessing "];

    private readonly List<string> messages = [];
    private readonly StringBuilder other = new();
    private readonly AzCopyTextReport text = new();
    private AzCopyCounts counts = new();
    private IReadOnlyList<AzCopyTransfer> failed = [];
    private IReadOnlyList<AzCopyTransfer> skipped = [];
    private string raw = "";
    private long resumed; // what processes before this one have copied: it is not in what this one has sent

    /// <summary>From Init, or from any message that names it; the first one counts.</summary>
    public string? JobId { get; private set; }

    /// <summary>The last JobStatus.</summary>
    public string? RawStatus { get; private set; }

    /// <summary>Whether the last status came from the end of a job, which <c>jobs show</c> prints of a running one too.</summary>
    public bool SawEnd { get; private set; }

    public AzCopyCounts Counts => counts;

    /// <summary>
    /// Bytes that are copied, those inside files that are not whole yet among them. It comes from what was sent, and runs a little ahead when AzCopy has to
    /// send a piece again.
    /// </summary>
    public long BytesDone => Math.Max(counts.BytesTransferred, Math.Min(counts.BytesExpected, resumed + counts.BytesOverWire));

    public DateTimeOffset? LastUpdated { get; private set; }

    public long Errors { get; private set; }

    public long Warnings { get; private set; }

    /// <summary>The question that AzCopy asked last, and waits for.</summary>
    public string? Prompt { get; private set; }

    /// <summary>AzCopy said that it has no such job, or no usable plan of it.</summary>
    public bool SaysNoJob { get; private set; }

    /// <summary>AzCopy crashed: a plan that it cannot read does that.</summary>
    public bool Panicked { get; private set; }

    /// <summary>AzCopy will not resume a job whose scan was cut off.</summary>
    public bool SaysNotResumable { get; private set; }

    /// <summary>Reads the whole output of a process.</summary>
    public static AzCopyReport Parse(string standardOutput, string standardError = "")
    {
        AzCopyReport report = new();
        foreach (string line in standardOutput.Split('\n'))
            report.Add(line);
        foreach (string line in standardError.Split('\n'))
            report.Add(line);
        return report;
    }

    /// <summary>Takes in one line of either stream.</summary>
    /// <returns>True when counts or status changed, or the job id became known.</returns>
    public bool Add(string line)
    {
        line = line.Trim();
        if (line.Length == 0)
            return false;
        if (line[0] == '{' && TryParse(line) is { } message)
        {
            using (message)
                return AddMessage(message.RootElement);
        }
        return AddText(line);
    }

    /// <summary>How far the job has come, by its own words.</summary>
    public AzCopyProgress Progress() => new(JobId, StateOf(RawStatus, counts), RawStatus, LastUpdated, counts);

    /// <summary>What the words mean once the process has ended.</summary>
    /// <param name="exitCode">Null when the process was not ours to wait for.</param>
    public AzCopySummary Summary(int? exitCode) => new(JobId, EndStateOf(exitCode), RawStatus, LastUpdated, counts)
    {
        ExitCode = exitCode,
        Panicked = Panicked,
        Errors = Errors,
        Warnings = Warnings,
        Messages = [.. messages],
        FailedTransfers = failed,
        SkippedTransfers = skipped,
        Raw = raw.Length > 0 ? raw : text.Raw,
        Excerpt = other.ToString(),
    };

    /// <summary>What an AzCopy status means. A failed transfer makes every end a failure.</summary>
    public static AzCopyState StateOf(string? status, AzCopyCounts counts)
    {
        AzCopyState state = status?.Trim().ToUpperInvariant() switch
        {
            null or "" => AzCopyState.Pending,
            "INPROGRESS" or "CANCELLING" or "PAUSED" or "INPROGRESSWITHERRORS" => AzCopyState.Running,
            "COMPLETED" or "COMPLETEDWITHSKIPPED" => AzCopyState.Succeeded,
            "COMPLETEDWITHERRORS" or "COMPLETEDWITHERRORSANDSKIPPED" or "FAILED" => AzCopyState.Failed,
            "CANCELLED" or "CANCELED" => AzCopyState.Canceled,
            _ => AzCopyState.Unknown,
        };
        bool ended = state is AzCopyState.Succeeded or AzCopyState.Canceled or AzCopyState.Unknown;
        return ended && counts.Failed > 0 ? AzCopyState.Failed : state;
    }

    private AzCopyState EndStateOf(int? exitCode)
    {
        AzCopyState state = StateOf(RawStatus, counts);
        return state switch
        {
            AzCopyState.Succeeded when exitCode is not (null or 0) => AzCopyState.Failed,
            AzCopyState.Running => AzCopyState.Unknown, // gone before it ended
            AzCopyState.Pending when exitCode is > 128 => AzCopyState.Unknown, // ended by a signal
            AzCopyState.Pending when Errors > 0 || Panicked || exitCode is not (null or 0) => AzCopyState.Failed,
            AzCopyState.Pending => AzCopyState.Unknown,
            _ => state,
        };
    }

    private bool AddMessage(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("MessageType", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            return AddText(message.GetRawText());
        string content = message.TryGetProperty("MessageContent", out JsonElement inner)
            ? inner.ValueKind == JsonValueKind.String ? inner.GetString()! : inner.GetRawText()
            : "";
        DateTimeOffset? time = message.TryGetProperty("TimeStamp", out JsonElement stamp) ? Time(stamp) : null;
        switch (type.GetString())
        {
            case "Init":
                return AddInit(content);
            case "Progress":
                return AddCounts(content, time, end: false);
            case "EndOfJob" or "GetJobSummary":
                return AddCounts(content, time, end: true);
            case "Prompt":
                Prompt = SecretRedactor.Excerpt(content, MaxMessageChars);
                return false;
            case "Error":
                Errors++;
                Note(content);
                Recognize(content);
                return false;
            case "Info" or "Warning" or "Warn":
                if (Hints.Any(hint => content.Contains(hint, StringComparison.OrdinalIgnoreCase)))
                {
                    Warnings++;
                    Note(content);
                }
                return false;
            default:
                return false;
        }
    }

    private bool AddInit(string content)
    {
        using JsonDocument? init = TryParse(content);
        if (init?.RootElement is not { ValueKind: JsonValueKind.Object } root || JobId is not null)
            return false;
        JobId = AsJobId(AzCopyJson.Text(root, "JobID"));
        return JobId is not null;
    }

    private bool AddCounts(string content, DateTimeOffset? time, bool end)
    {
        using JsonDocument? parsed = TryParse(content);
        if (parsed?.RootElement is not { ValueKind: JsonValueKind.Object } root)
            return AddText(content);
        if (!root.TryGetProperty("JobStatus", out _) && !root.TryGetProperty("TotalTransfers", out _))
            return false; // a list of jobs or of transfers ends so too
        AzCopyCounts before = counts;
        string? statusBefore = RawStatus;
        counts = AzCopyJson.Counts(root);
        resumed = Math.Max(resumed, counts.BytesTransferred - counts.BytesOverWire);
        RawStatus = AzCopyJson.Text(root, "JobStatus") is { Length: > 0 } status ? SecretRedactor.Excerpt(status, 100) : RawStatus;
        JobId ??= AsJobId(AzCopyJson.Text(root, "JobID"));
        LastUpdated = time ?? LastUpdated;
        if (AzCopyJson.Text(root, "ErrorMsg") is { Length: > 0 } error)
        {
            Errors++;
            Note(error);
        }
        // Copy tells the lists in its last Progress and leaves them empty at the end.
        failed = AzCopyJson.Transfers(root, "FailedTransfers") is { Count: > 0 } failures ? failures : failed;
        skipped = AzCopyJson.Transfers(root, "SkippedTransfers") is { Count: > 0 } skips ? skips : skipped;
        if (end)
        {
            SawEnd = true;
            raw = SecretRedactor.Excerpt(content, MaxRawChars);
        }
        return before != counts || statusBefore != RawStatus;
    }

    private bool AddText(string line)
    {
        if (line.Contains("panic:", StringComparison.Ordinal) || line.StartsWith("fatal error:", StringComparison.Ordinal) || line.StartsWith("goroutine ", StringComparison.Ordinal))
            Panicked = true;
        Recognize(line);
        if (text.Add(line))
        {
            JobId ??= text.JobId;
            bool changed = RawStatus != (text.Status ?? RawStatus) || counts != text.Counts;
            RawStatus = text.Status ?? RawStatus;
            counts = text.Counts;
            return changed;
        }
        if (other.Length < MaxExcerptChars)
            other.AppendLine(SecretRedactor.Excerpt(line, Math.Min(MaxMessageChars, MaxExcerptChars - other.Length)));
        return false;
    }

    private void Recognize(string message)
    {
        if (message.Contains("no job with JobId", StringComparison.OrdinalIgnoreCase)
            || message.Contains("does not exist or is invalid", StringComparison.OrdinalIgnoreCase)
            || message.Contains("no active job with JobId", StringComparison.OrdinalIgnoreCase))
        {
            SaysNoJob = true;
        }
        if (message.Contains("ordered completely", StringComparison.OrdinalIgnoreCase))
            SaysNotResumable = true;
    }

    private void Note(string message)
    {
        if (messages.Count < MaxMessages)
            messages.Add(SecretRedactor.Excerpt(message, MaxMessageChars));
    }

    /// <summary>Ids name files and go into command lines: anything but AzCopy's form is none.</summary>
    private static string? AsJobId(string? text) => Guid.TryParseExact(text, "D", out _) ? text : null;

    private static DateTimeOffset? Time(JsonElement stamp) =>
        stamp.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(stamp.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
