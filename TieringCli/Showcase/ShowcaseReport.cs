using System.Text.Json.Serialization;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>What a showcase came to; as JSON, what <c>./run --json</c> prints.</summary>
/// <param name="Project">The project's slug.</param>
/// <param name="Files">Files of the original.</param>
/// <param name="Bytes">Bytes of the original.</param>
/// <param name="Identical">Whether the restored folder is the original.</param>
/// <param name="Differences">What is not as it was, a sentence each.</param>
/// <param name="Operations">COOL, then RESTORE, as far as it came to them.</param>
/// <param name="Url">The service's address.</param>
public sealed record ShowcaseReport(
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("files")] long Files,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("identical")] bool Identical,
    [property: JsonPropertyName("differences")] IReadOnlyList<string> Differences,
    [property: JsonPropertyName("operations")] IReadOnlyList<ReportedOperation> Operations,
    [property: JsonPropertyName("url")] string Url)
{
    /// <summary>What held the hot data.</summary>
    [JsonIgnore] public LocationKind Hot { get; init; }

    /// <summary>The deletion of the hot copy in between; null when it did not come to it.</summary>
    [JsonIgnore] public DeletionView? Deletion { get; init; }
}

/// <summary>One operation of a <see cref="ShowcaseReport"/>.</summary>
public sealed record ReportedOperation(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("type")] OperationType Type,
    [property: JsonPropertyName("status")] OperationStatus Status,
    [property: JsonPropertyName("seconds")] double Seconds,
    [property: JsonPropertyName("azcopy_job_ids")] IReadOnlyList<string> AzCopyJobIds,
    [property: JsonPropertyName("files")] long Files,
    [property: JsonPropertyName("bytes")] long Bytes)
{
    public static ReportedOperation Of(OperationView view) => new(
        view.Id, view.Type, view.Status, Math.Round(view.Duration?.TotalSeconds ?? 0, 3), view.AzCopyJobs, view.Copied.Files, view.Copied.Bytes);
}

/// <summary>A report as people read it.</summary>
public static class ShowcaseReportWriter
{
    private const int DifferencesShown = 20;

    public static void Write(this IAnsiConsole console, ShowcaseReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Step", "Result");
        table.AddColumn(new TableColumn("Files").RightAligned()).AddColumn(new TableColumn("Bytes").RightAligned()).AddColumn(new TableColumn("Seconds").RightAligned()).AddColumn("AzCopy jobs");
        foreach (ReportedOperation operation in report.Operations)
        {
            AddRow(table, operation.Type.ToString().ToUpperInvariant(), operation.Status.ToString().ToUpperInvariant(), operation.Status == OperationStatus.Failed ? null : new DataSize(operation.Files, operation.Bytes), TimeSpan.FromSeconds(operation.Seconds), operation.AzCopyJobIds);
            if (operation.Type == OperationType.Cool && report.Deletion is { } deletion)
                AddRow(table, "delete the hot copy", deletion.Status.ToString().ToUpperInvariant(), deletion.Removed ?? default, deletion.FinishedAt - deletion.RequestedAt, []);
        }
        console.Write(table);
        if (report.Identical)
        {
            console.MarkupLine($"[green]Restored = original[/]: {Texts.Size(new DataSize(report.Files, report.Bytes))}, by SHA-256 of every file, with {(report.Hot == LocationKind.Share ? "times" : "times, modes, links")} and empty folders.");
            return;
        }
        console.MarkupLine("[red]Restored is not the original:[/]");
        foreach (string difference in report.Differences.Take(DifferencesShown))
            console.WriteLine("  " + Terminal.Printable(difference));
        if (report.Differences.Count > DifferencesShown)
            console.WriteLine($"  and {report.Differences.Count - DifferencesShown} more");
    }

    private static void AddRow(Table table, string step, string result, DataSize? size, TimeSpan? time, IReadOnlyList<string> jobs) =>
        table.AddRow(step, OperationTexts.Colored(result), size is { } files ? Texts.Count(files.Files) : "", size is { } bytes ? Texts.Count(bytes.Bytes) : "", Texts.Seconds(time), OperationTexts.Safe(string.Join('\n', jobs)));
}
