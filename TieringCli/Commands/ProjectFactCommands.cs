using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Catalogue;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering project pin|unpin|history SLUG</c> and <c>tiering project run put|remove|list SLUG</c>.</summary>
public sealed class ProjectFactCommands(Terminal terminal, ConnectionOptions connection)
{
    public IEnumerable<Command> Create()
    {
        yield return CreatePin();
        yield return CreateUnpin();
        yield return CreateRun();
        yield return CreateHistory();
    }

    private Command CreatePin()
    {
        Argument<string> slug = Arguments.Slug();
        Option<string?> until = Date("--until", "The first day on which the pin no longer counts. [default: no end]");
        Option<string?> reason = new("--reason") { Description = "Why, for those who wonder.", HelpName = "TEXT" };
        Command command = new("pin", "Keeps a project in hot storage.") { slug, until, reason };
        command.SetAction((parsed, cancellation) => SendAsync(
            parsed,
            HttpMethod.Post,
            ApiPaths.ProjectAction(parsed.GetValue(slug)!, "pin"),
            new { until = parsed.GetValue(until), reason = parsed.GetValue(reason) },
            cancellation));
        return command;
    }

    private Command CreateUnpin()
    {
        Argument<string> slug = Arguments.Slug();
        Command command = new("unpin", "Takes the pin of a project away.") { slug };
        command.SetAction((parsed, cancellation) => SendAsync(parsed, HttpMethod.Post, ApiPaths.ProjectAction(parsed.GetValue(slug)!, "unpin"), body: null, cancellation));
        return command;
    }

    private Command CreateRun()
    {
        Command command = new("run", "The runs of a project, whose dates say when it may go cool.");
        Argument<string> slug = Arguments.Slug();
        Argument<string> run = new("RUN") { Description = "The run's name." };
        Option<string?> start = Date("--start", "When it began: a date, or a time as in 2026-03-12T12:00:00Z.");
        Option<string?> end = Date("--end", "When it ended.");
        Option<string?> embargo = Date("--embargo", "Until when its data are kept back: a date; it takes the place of the end.");
        Command put = new("put", "Adds a run, or takes the place of it.") { slug, run, start, end, embargo };
        put.SetAction((parsed, cancellation) => SendAsync(
            parsed,
            HttpMethod.Put,
            RunPath(parsed.GetValue(slug)!, parsed.GetValue(run)!),
            new { start = parsed.GetValue(start), end = parsed.GetValue(end), embargo = parsed.GetValue(embargo) },
            cancellation));
        command.Subcommands.Add(put);

        Command remove = new("remove", "Forgets a run.") { slug, run };
        remove.SetAction((parsed, cancellation) => SendAsync(parsed, HttpMethod.Delete, RunPath(parsed.GetValue(slug)!, parsed.GetValue(run)!), body: null, cancellation));
        command.Subcommands.Add(remove);

        Command list = new("list", "All runs of a project.") { slug };
        list.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<Page<RunView>> runs = await api.GetAsync<Page<RunView>>(ApiPaths.ProjectAction(parsed.GetValue(slug)!, "runs"), cancellation);
            if (connection.WantsJson(parsed))
            {
                await terminal.OutputWriter.WriteLineAsync(runs.Json);
                return ExitCode.Ok;
            }
            if (runs.Value.Items.Count == 0)
            {
                terminal.Output.WriteLine("There is none.");
                return ExitCode.Ok;
            }
            Table table = new Table().Border(TableBorder.Simple).AddColumns("Run", "Start", "End", "Embargo");
            foreach (RunView found in runs.Value.Items)
                table.AddRow(OperationTexts.Safe(found.Id), Texts.Time(found.Start), Texts.Time(found.End), found.Embargo?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "");
            terminal.Output.Write(table);
            return ExitCode.Ok;
        });
        command.Subcommands.Add(list);
        return command;
    }

    private Command CreateHistory()
    {
        Argument<string> slug = Arguments.Slug();
        Command command = new("history", "Everything that happened to a project, oldest first.") { slug };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            List<(DateTimeOffset? At, string Text)> events = [];
            List<AuditEntry>? audit = null;
            string? more = null;
            string? continuation = null;
            do
            {
                string query = continuation is null ? "" : $"&continuation={Uri.EscapeDataString(continuation)}";
                Answer<HistoryView> page = await api.GetAsync<HistoryView>($"{ApiPaths.ProjectAction(parsed.GetValue(slug)!, "history")}?limit=200{query}", cancellation);
                if (connection.WantsJson(parsed))
                    await terminal.OutputWriter.WriteLineAsync(page.Json);
                if (audit is null)
                    (audit, more) = ([.. page.Value.Audit], page.Value.AuditContinuation);
                events.AddRange(page.Value.Operations.SelectMany(operation => EventsOf(operation).Reverse()));
                continuation = page.Value.Continuation;
            }
            while (continuation is not null);
            while (more is not null) // the view holds the newest entries alone
            {
                string query = $"project={Uri.EscapeDataString(parsed.GetValue(slug)!)}&limit=1000&continuation={Uri.EscapeDataString(more)}";
                Answer<Page<AuditEntry>> page = await api.GetAsync<Page<AuditEntry>>($"api/audit?{query}", cancellation);
                if (connection.WantsJson(parsed))
                    await terminal.OutputWriter.WriteLineAsync(page.Json);
                audit.AddRange(page.Value.Items);
                more = page.Value.Continuation;
            }
            if (!connection.WantsJson(parsed))
            {
                events.AddRange(audit.Select(entry => ((DateTimeOffset?)entry.At, AuditText(entry))));
                events.Reverse(); // the service tells the newest first; what has one time is told as it happened
                foreach ((DateTimeOffset? at, string text) in events.OrderBy(item => item.At))
                    terminal.Output.MarkupLine($"[grey]{Texts.Time(at)}[/] {text}");
            }
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<(DateTimeOffset? At, string Text)> EventsOf(OperationHistoryView history)
    {
        OperationView operation = history.Operation;
        string proof = operation.Proof is { } mode ? $", checked: {mode}{(operation.Unwitnessed ? ", unwitnessed" : "")}" : "";
        string error = operation.Error is { } failure ? $" {OperationTexts.Safe(failure.Code)}: {OperationTexts.Safe(failure.Message)}" : "";
        string kept = history.Manifest is { } manifest ? $"; manifest {OperationTexts.Safe(manifest.Name)}{(manifest.Proved ? ", proved" : "")}" : "";
        string certificate = history.Certificate is null ? "" : "; certificate";
        if (operation.StartedAt is not null)
            yield return (operation.StartedAt, $"{operation.TypeName} began [grey]{operation.Id:D}[/]");
        if (operation.IsTerminal)
            yield return (operation.FinishedAt, $"{operation.TypeName} {OperationTexts.Colored(operation.StatusName)} {Texts.Size(operation.Total)}{OperationTexts.Safe(proof)}{error}{kept}{certificate}");
        if (operation.Deletion is { IsTerminal: true } deletion)
            yield return (deletion.FinishedAt, $"source deletion {OperationTexts.Colored(deletion.Status.ToString().ToUpperInvariant())} {Texts.Size(deletion.Removed)}");
    }

    private static string AuditText(AuditEntry entry) =>
        $"{OperationTexts.Safe(entry.Who)}{(entry.From is null ? "" : $" from {OperationTexts.Safe(entry.From)}")}: {OperationTexts.Safe(entry.Action)}{(entry.Type is { } type ? $" {type.ToString().ToUpperInvariant()}" : "")} {OperationTexts.Safe(entry.Outcome)}{(entry.Detail is null ? "" : $" ({OperationTexts.Safe(entry.Detail)})")}";

    private async Task<int> SendAsync(ParseResult parsed, HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using TieringApi api = connection.Connect(parsed);
        Answer<ProjectView> answer = await api.SendAsync<ProjectView>(method, path, body, cancellation);
        if (connection.WantsJson(parsed))
            await terminal.OutputWriter.WriteLineAsync(answer.Json);
        else
            terminal.Output.WriteProject(answer.Value);
        return ExitCode.Ok;
    }

    private static string RunPath(string slug, string run) => $"{ApiPaths.ProjectAction(slug, "runs")}/{Uri.EscapeDataString(run)}";

    /// <summary>A date or time; the service says what is wrong with it.</summary>
    private static Option<string?> Date(string name, string description) => new(name) { Description = description, HelpName = "DATE" };

    private sealed record RunView(string Id, DateTimeOffset? Start = null, DateTimeOffset? End = null, DateOnly? Embargo = null);

    private sealed record HistoryView(IReadOnlyList<OperationHistoryView> Operations, IReadOnlyList<AuditEntry> Audit, string? Continuation = null, string? AuditContinuation = null);

    private sealed record OperationHistoryView(OperationView Operation, ManifestView? Manifest = null, string? Certificate = null);

    private sealed record ManifestView(string Name, bool Proved);
}
