using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli;

/// <summary>Operations as lines and tables.</summary>
public static class OperationTexts
{
    private const int DetailsShown = 40;

    /// <summary>One line that says how the operation stands, and lines with the reasons when it failed.</summary>
    public static void WriteOutcome(this IAnsiConsole console, OperationView operation)
    {
        string sizes = operation.Status switch
        {
            OperationStatus.Succeeded when operation.Total is not null => $" {Texts.Size(operation.Copied)} in {Texts.Seconds(operation.Duration)} s.",
            OperationStatus.Failed when operation.Duration is not null => $" After {Texts.Seconds(operation.Duration)} s.", // what AzCopy told proves nothing
            _ => "",
        };
        string proof = operation.Proof is { } known ? $" Proof: {known}{(operation.Unwitnessed ? ", unwitnessed" : "")}." : "";
        console.MarkupLine($"{operation.TypeName} of {Safe(operation.Project)}: {Colored(operation.StatusName)}.{sizes}{Safe(proof)} [grey]{operation.Id:D}[/]");
        console.WriteError(operation.Error);
    }

    /// <summary>One line that says how the deletion of the operation's source stands, and why it failed.</summary>
    public static void WriteDeletion(this IAnsiConsole console, OperationView operation)
    {
        DeletionView deletion = operation.Deletion ?? new DeletionView(DeletionStatus.NotRequested);
        string removed = deletion.Removed is { } size ? $" {Texts.Size(size)} removed." : "";
        console.MarkupLine($"Source deletion of {Safe(operation.Project)}: {Colored(deletion.Status.ToString().ToUpperInvariant())}.{removed} [grey]{operation.Id:D}[/]");
        console.WriteError(deletion.Error);
    }

    public static void WriteTable(this IAnsiConsole console, IEnumerable<OperationView> operations)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("Id").NoWrap()).AddColumns("Project", "Type", "Status", "Accepted", "Seconds", "Files", "Bytes", "Error");
        foreach (OperationView operation in operations)
        {
            table.AddRow(
                operation.Id.ToString("D"),
                Safe(operation.Project),
                operation.TypeName,
                Colored(operation.StatusName),
                Texts.Time(operation.AcceptedAt),
                Texts.Seconds(operation.Duration),
                operation.Total is { } total ? Texts.Count(total.Files) : "",
                operation.Total is { } bytes ? Texts.Bytes(bytes.Bytes) : "",
                Safe(operation.Error?.Code ?? ""));
        }
        if (table.Rows.Count == 0)
            console.WriteLine("There is no operation.");
        else
            console.Write(table);
    }

    /// <summary>Every fact of one operation.</summary>
    public static void WriteDetails(this IAnsiConsole console, OperationView operation)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                grid.AddRow(new Text(name), new Text(Terminal.Printable(value)));
        }
        Add("Operation", operation.Id.ToString("D"));
        Add("Project", operation.Project);
        Add("Type", operation.TypeName);
        Add("Status", $"{operation.StatusName}, {Texts.Percent(operation.Percent)}");
        Add("Now", operation.Progress is { } now ? $"{now.Phase} {Texts.Pace(now)}" : null);
        Add("Asked for by", operation.RequestedBy);
        Add("Accepted", Texts.Time(operation.AcceptedAt));
        Add("Started", Texts.Time(operation.StartedAt));
        Add("Finished", Texts.Time(operation.FinishedAt));
        Add("Source", Texts.Size(operation.Total));
        if (operation.Status != OperationStatus.Failed) // what is left of one is AzCopy's own word, and nobody has counted
            Add(operation.IsTerminal ? "Copied" : "Copied so far", Texts.Size(operation.Copied));
        Add("Proof", operation.Proof + (operation.Unwitnessed ? ", unwitnessed" : ""));
        Add("AzCopy jobs", string.Join('\n', operation.AzCopyJobs));
        if (operation.Deletion is { Status: not DeletionStatus.NotRequested } deletion)
            Add("Source deletion", $"{deletion.Status.ToString().ToUpperInvariant()} {Texts.Size(deletion.Removed)}");
        console.Write(grid);
        console.WriteError(operation.Error);
        console.WriteError(operation.Deletion?.Error);
    }

    /// <summary>One line that says where a project is, and from when on it may go cool.</summary>
    public static void WriteProject(this IAnsiConsole console, ProjectView project)
    {
        string date = project.CoolingEligibleAt is null ? "" : $", may go cool from {Day(project.CoolingEligibleAt)} on";
        string pin = project.Pin is null ? "" : $", pinned {Pin(project)}{(project.Pin.Reason is { } reason ? $" ({Safe(reason)})" : "")}";
        console.MarkupLine($"{Safe(project.Slug)}: {Colored(StateName(project))}{date}{pin}");
    }

    public static string StateName(ProjectView project) => project.State.ToString().ToUpperInvariant();

    public static string Day(DateOnly? date) => date?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? "";

    public static string Pin(ProjectView project) => project.Pin switch
    {
        null => "",
        { Until: { } until } => $"until {Day(until)}",
        _ => "without an end",
    };

    public static string Safe(string text) => Markup.Escape(Terminal.Printable(text));

    public static string Colored(string status) => status switch
    {
        "SUCCEEDED" or "HOT" => $"[green]{status}[/]",
        "FAILED" or "ERROR" => $"[red]{status}[/]",
        "COOL" => $"[blue]{status}[/]",
        _ => status,
    };

    private static void WriteError(this IAnsiConsole console, OperationError? error)
    {
        if (error is null)
            return;
        console.MarkupLine($"  [red]{Safe(error.Code)}[/]: {Safe(error.Message)}");
        foreach ((string name, string value) in (error.Details ?? new Dictionary<string, string>()).Take(DetailsShown))
            console.MarkupLine($"  {Safe(name)}: {Safe(value)}");
    }
}
