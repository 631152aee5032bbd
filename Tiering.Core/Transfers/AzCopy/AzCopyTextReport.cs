using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>The fallback: AzCopy's output for people, of which the lines <c>Name: value</c> of the summary hold the counts.</summary>
internal sealed partial class AzCopyTextReport
{
    private readonly StringBuilder raw = new();

    public string? JobId { get; private set; }

    public string? Status { get; private set; }

    public AzCopyCounts Counts { get; private set; } = new();

    /// <summary>The summary as it was printed, bounded.</summary>
    public string Raw => raw.ToString();

    /// <summary>Whether the line was one of AzCopy's own.</summary>
    public bool Add(string line)
    {
        if (Job().Match(line) is { Success: true } job)
        {
            JobId = job.Groups["id"].Value;
            return true;
        }
        if (Running().Match(line) is { Success: true } running)
        {
            Counts = Counts with
            {
                Percent = Math.Clamp(double.Parse(running.Groups["percent"].Value, CultureInfo.InvariantCulture), 0, 100),
                Completed = Value(running, "done"),
                Failed = Value(running, "failed"),
                Skipped = Value(running, "skipped"),
                Total = Value(running, "total"),
            };
            Status ??= "InProgress";
            return true;
        }
        if (Pair().Match(line) is not { Success: true } pair)
            return false;
        string value = pair.Groups["value"].Value;
        if (!Take(pair.Groups["name"].Value.ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal), value))
            return false;
        if (raw.Length < AzCopyReport.MaxRawChars)
            raw.AppendLine(SecretRedactor.Excerpt(line, 300));
        return true;
    }

    // The names are those of all versions; older ones do not tell files from folders.
    private bool Take(string name, string value)
    {
        if (name == "FINALJOBSTATUS")
        {
            Status = SecretRedactor.Excerpt(value, 100);
            return true;
        }
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return name == "ELAPSEDTIME(MINUTES)";
        AzCopyCounts? next = name switch
        {
            "TOTALNUMBEROFTRANSFERS" => Counts with { Total = number },
            "NUMBEROFFILETRANSFERS" => Counts with { Files = number },
            "NUMBEROFFOLDERPROPERTYTRANSFERS" => Counts with { Folders = number },
            "NUMBEROFSYMLINKTRANSFERS" => Counts with { Links = number },
            "NUMBEROFTRANSFERSCOMPLETED" or "NUMBEROFFILETRANSFERSCOMPLETED" => Counts with { Completed = number },
            "NUMBEROFTRANSFERSFAILED" or "NUMBEROFFILETRANSFERSFAILED" => Counts with { Failed = number },
            "NUMBEROFTRANSFERSSKIPPED" or "NUMBEROFFILETRANSFERSSKIPPED" => Counts with { Skipped = number },
            "NUMBEROFFOLDERTRANSFERSCOMPLETED" => Counts with { Completed = Counts.Completed + number }, // after the files' line, which leaves them out
            "NUMBEROFFOLDERTRANSFERSFAILED" => Counts with { Failed = Counts.Failed + number },
            "NUMBEROFFOLDERTRANSFERSSKIPPED" => Counts with { Skipped = Counts.Skipped + number },
            "TOTALBYTESTRANSFERRED" or "TOTALNUMBEROFBYTESTRANSFERRED" => Counts with { BytesTransferred = number },
            "NUMBEROFHARDLINKSCONVERTED" => Counts,
            "NUMBEROFSYMBOLICLINKSSKIPPED" or "NUMBEROFHARDLINKSSKIPPED" or "NUMBEROFSPECIALFILESSKIPPED" => Counts with { LeftOut = Counts.LeftOut + number },
            _ => null,
        };
        Counts = next ?? Counts;
        return next is not null;
    }

    private static long Value(Match match, string group) =>
        long.TryParse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;

    [GeneratedRegex(@"^Job (?<id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}) (has started|summary)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Job();

    [GeneratedRegex(@"^(?<percent>[0-9]{1,3}(\.[0-9]{1,6})?) %, (?<done>[0-9]+) Done, (?<failed>[0-9]+) Failed, [0-9]+ Pending, (?<skipped>[0-9]+) Skipped, (?<total>[0-9]+) Total",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Running();

    [GeneratedRegex(@"^(?<name>[A-Za-z][A-Za-z ()]{2,60}): (?<value>\S{1,100})$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pair();
}
