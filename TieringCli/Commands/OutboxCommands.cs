using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tiering.Cli.Api;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering outbox list|resend</c>: results that Euphrosyne is owed, or has got.</summary>
public sealed class OutboxCommands(Terminal terminal, ConnectionOptions connection)
{
    private const int MostListed = 1000;

    public Command Create()
    {
        Command command = new("outbox", "Results for Euphrosyne: what it is owed, and what it has got.");
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateResend());
        return command;
    }

    private Command CreateList()
    {
        Option<string?> status = new("--status") { Description = "Only these: PENDING, DELIVERED or PARKED." };
        status.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "PENDING", "DELIVERED", "PARKED");
        Option<int> limit = new("--limit") { Description = $"How many at most, 1 to {MostListed}.", HelpName = "N", DefaultValueFactory = _ => 100 };
        limit.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() is < 1 or > MostListed)
                result.AddError($"--limit must be 1 to {MostListed}.");
        });
        Option<long?> continuation = new("--continuation") { Description = "Where the list before ended, to see what follows.", HelpName = "MARK" };
        Command command = new("list", "Results, oldest first.") { status, limit, continuation };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            string query = FormattableString.Invariant($"?limit={parsed.GetValue(limit)}")
                + (parsed.GetValue(status) is { } only ? $"&status={only.ToUpperInvariant()}" : "")
                + (parsed.GetValue(continuation) is { } after ? FormattableString.Invariant($"&continuation={after}") : "");
            Answer<Page<ResultView>> page = await api.GetAsync<Page<ResultView>>(ApiPaths.Outbox + query, cancellation);
            if (connection.WantsJson(parsed))
            {
                await terminal.OutputWriter.WriteLineAsync(page.Json);
                return ExitCode.Ok;
            }
            Write(page.Value.Items);
            if (page.Value.Continuation is { } more)
                await terminal.ErrorWriter.WriteLineAsync($"There may be more: --continuation {more}");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateResend()
    {
        Argument<long> number = new("NUMBER") { Description = "The result's number, from the list." };
        Command command = new("resend", "Sends a result again, now, whatever became of it.") { number };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            string path = FormattableString.Invariant($"{ApiPaths.Outbox}/{parsed.GetValue(number)}/resend");
            Answer<ResultView> sent = await api.PostAsync<ResultView>(path, body: null, idempotencyKey: null, cancellation);
            if (connection.WantsJson(parsed))
                await terminal.OutputWriter.WriteLineAsync(sent.Json);
            else
                terminal.Output.WriteLine(Terminal.Printable($"Result {sent.Value.Sequence} of {sent.Value.Project} is sent again. `tiering outbox list` shows whether it arrives."));
            return ExitCode.Ok;
        });
        return command;
    }

    private void Write(IReadOnlyList<ResultView> results)
    {
        if (results.Count == 0)
        {
            terminal.Output.WriteLine("There is none.");
            return;
        }
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Number", "Project", "What", "Operation", "Status", "Attempts", "Next", "Last error");
        foreach (ResultView result in results)
        {
            string[] cells =
            [
                result.Sequence.ToString(CultureInfo.InvariantCulture),
                result.Project,
                result.IsDeletion ? $"{result.Type}, source deletion" : result.Type,
                result.Operation.ToString("D"),
                result.Status,
                result.Attempts.ToString(CultureInfo.InvariantCulture),
                result.NextAt?.ToString("u", CultureInfo.InvariantCulture) ?? "",
                result.LastError ?? "",
            ];
            table.AddRow([.. cells.Select(cell => Markup.Escape(Terminal.Printable(cell)))]);
        }
        terminal.Output.Write(table);
    }

    private sealed record ResultView(long Sequence, string Project, string Type, Guid Operation, bool IsDeletion, string Status, int Attempts)
    {
        public DateTimeOffset? NextAt { get; init; }

        public string? LastError { get; init; }
    }
}
