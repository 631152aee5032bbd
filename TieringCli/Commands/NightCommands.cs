using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering night [DATE] --dry-run</c> and <c>tiering nights</c>.</summary>
public sealed class NightCommands(Terminal terminal, ConnectionOptions connection)
{
    private const int PageSize = 1000;

    public IEnumerable<Command> Create()
    {
        yield return CreateNight();
        yield return CreateNights();
    }

    private Command CreateNight()
    {
        Argument<string?> date = new("DATE") { Description = "The night that began on this date, as in 2026-03-12.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> dryRun = new("--dry-run") { Description = "What the next night would take, how much, and why it would not take each other project. Changes nothing." };
        Command command = new("night", "One night of cooling: one that was, or with --dry-run the next.") { date, dryRun };
        command.Validators.Add(result =>
        {
            if (result.GetValue(dryRun) == (result.GetValue(date) is not null))
                result.AddError("Give either a DATE or --dry-run.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            if (parsed.GetValue(dryRun))
                return await PreviewAsync(api, connection.WantsJson(parsed), cancellation);
            Answer<Night> night = await api.GetAsync<Night>($"api/nights/{Uri.EscapeDataString(parsed.GetValue(date)!)}", cancellation);
            if (connection.WantsJson(parsed))
                await terminal.OutputWriter.WriteLineAsync(night.Json);
            else
                Show(night.Value);
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateNights()
    {
        Command command = new("nights", "The nights that were, newest first.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<Page<Night>> page = await api.GetAsync<Page<Night>>("api/nights?limit=100", cancellation);
            if (connection.WantsJson(parsed))
            {
                await terminal.OutputWriter.WriteLineAsync(page.Json);
                return ExitCode.Ok;
            }
            if (page.Value.Items.Count == 0)
            {
                terminal.Output.WriteLine("There was none.");
                return ExitCode.Ok;
            }
            Table table = new Table().Border(TableBorder.Simple).AddColumns("Night", "Status", "Opened", "Ended", "Outcome");
            foreach (Night night in page.Value.Items)
                table.AddRow(Day(night.Date), night.Status.ToString().ToUpperInvariant(), Texts.Time(night.OpensAt), Texts.Time(night.FinishedAt), night.Summary());
            terminal.Output.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private async Task<int> PreviewAsync(TieringApi api, bool json, CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            string query = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
            Answer<NightPlanView> page = await api.GetAsync<NightPlanView>($"api/nights/next?limit={PageSize}{query}", cancellation);
            if (json)
                await terminal.OutputWriter.WriteLineAsync(page.Json);
            else
                Show(page.Value, isFirst: after is null);
            after = page.Value.Continuation;
        }
        while (after is not null);
        return ExitCode.Ok;
    }

    private void Show(NightPlanView plan, bool isFirst)
    {
        if (isFirst)
        {
            terminal.Output.MarkupLine($"The night of {Day(plan.Date)}, {Texts.Time(plan.OpensAt)} to {Texts.Time(plan.ClosesAt)}{(plan.Enabled ? "" : " [red](nightly cooling is switched off)[/]")}");
            terminal.Output.MarkupLine(plan.Selected.Count == 0 ? "would take nothing." : $"would take {plan.Selected.Count} of at most {plan.Limit}, {Texts.Size(plan.Total)}:");
            foreach (PlannedProjectView project in plan.Selected)
                terminal.Output.MarkupLine($"  {OperationTexts.Safe(project.Project)}: {(project.Size is null ? "size not known" : Texts.Size(project.Size))}, eligible since {Day(project.EligibleAt)}");
        }
        foreach (PassedProjectView project in plan.Others)
            terminal.Output.MarkupLine($"  [grey]not {OperationTexts.Safe(project.Project)}: it {OperationTexts.Safe(project.Reason)}[/]");
    }

    private void Show(Night night)
    {
        terminal.Output.MarkupLine($"The night of {Day(night.Date)}: {night.Status.ToString().ToUpperInvariant()}, {OperationTexts.Safe(night.Summary())}");
        foreach (NightItem item in night.Items)
        {
            string reason = item.Reason is null ? "" : $" {OperationTexts.Safe(item.Reason)}";
            terminal.Output.MarkupLine($"  {OperationTexts.Safe(item.Project.Value)}: {OperationTexts.Colored(JsonNamingPolicy.SnakeCaseUpper.ConvertName(item.Status.ToString()))} {Texts.Size(item.Size)}{reason} [grey]{item.Operation:D}[/]");
        }
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record NightPlanView(
        DateOnly Date,
        DateTimeOffset OpensAt,
        DateTimeOffset ClosesAt,
        bool Enabled,
        int Limit,
        IReadOnlyList<PlannedProjectView> Selected,
        DataSize Total,
        IReadOnlyList<PassedProjectView> Others,
        string? Continuation = null);

    private sealed record PlannedProjectView(string Project, DateOnly EligibleAt, DataSize? Size = null);

    private sealed record PassedProjectView(string Project, string Reason);
}
