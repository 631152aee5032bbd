using System.CommandLine;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering project add|list|show|remove|import|pin|unpin|run|history</c>.</summary>
public sealed class ProjectCommands(Terminal terminal, ConnectionOptions connection)
{
    private const int PageSize = 1000;

    public Command Create()
    {
        Command command = new("project", "The projects that Tiering looks after.");
        command.Subcommands.Add(CreateAdd());
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateShow());
        command.Subcommands.Add(CreateRemove());
        command.Subcommands.Add(new ImportCommand(terminal, connection).Create());
        foreach (Command more in new ProjectFactCommands(terminal, connection).Create())
            command.Subcommands.Add(more);
        return command;
    }

    private Command CreateAdd()
    {
        Argument<string> slug = Arguments.Slug();
        Option<string> state = new("--state") { Description = "Where its data lies now: HOT or COOL.", DefaultValueFactory = _ => "HOT" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "HOT", "COOL");
        Option<string?> created = new("--created") { Description = "When the project came to be: without runs it may go cool 720 days later. [default: now]", HelpName = "DATE" };
        Command command = new("add", "Registers a project. Its folder must lie in the storage of its state.") { slug, state, created };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            var body = new { slug = parsed.GetValue(slug), state = parsed.GetValue(state)!.ToUpperInvariant(), createdAt = parsed.GetValue(created) };
            Show(parsed, await api.PostAsync<ProjectView>(ApiPaths.Projects, body, idempotencyKey: null, cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateList()
    {
        Command command = new("list", "All projects, by name.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            if (connection.WantsJson(parsed))
            {
                await ListJsonAsync(api, cancellation);
                return ExitCode.Ok;
            }
            Table table = new Table().Border(TableBorder.Simple).AddColumns("Project", "State", "Cool from", "Pinned", "Added");
            await foreach (Answer<Page<ProjectView>> page in ReadPagesAsync(api, cancellation))
            {
                foreach (ProjectView project in page.Value.Items)
                    table.AddRow(OperationTexts.Safe(project.Slug), OperationTexts.Colored(OperationTexts.StateName(project)), OperationTexts.Day(project.CoolingEligibleAt), OperationTexts.Pin(project), Texts.Time(project.AddedAt));
            }
            if (table.Rows.Count == 0)
                terminal.Output.WriteLine("There is no project yet: project add, or project import.");
            else
                terminal.Output.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateShow()
    {
        Argument<string> slug = Arguments.Slug();
        Command command = new("show", "One project, with its latest operations.") { slug };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            string name = parsed.GetValue(slug)!;
            Show(parsed, await api.GetAsync<ProjectView>(ApiPaths.Project(name), cancellation));
            if (!connection.WantsJson(parsed))
            {
                Answer<Page<OperationView>> operations = await api.GetAsync<Page<OperationView>>(
                    $"{ApiPaths.Operations}?project={Uri.EscapeDataString(name)}&limit=10", cancellation);
                terminal.Output.WriteTable(operations.Value.Items);
            }
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateRemove()
    {
        Argument<string> slug = Arguments.Slug();
        Command command = new("remove", "Forgets a project. Its data stays where it is, and its operations stay on record.") { slug };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            await api.DeleteAsync(ApiPaths.Project(parsed.GetValue(slug)!), cancellation);
            if (!connection.WantsJson(parsed))
                terminal.Output.WriteLine($"{parsed.GetValue(slug)} is forgotten. Its data stays where it is.");
            return ExitCode.Ok;
        });
        return command;
    }

    private void Show(ParseResult parsed, Answer<ProjectView> answer)
    {
        if (connection.WantsJson(parsed))
            terminal.OutputWriter.WriteLine(answer.Json);
        else
            terminal.Output.WriteProject(answer.Value);
    }

    private async Task ListJsonAsync(TieringApi api, CancellationToken cancellation)
    {
        await foreach (Answer<Page<ProjectView>> page in ReadPagesAsync(api, cancellation))
            await terminal.OutputWriter.WriteLineAsync(page.Json);
    }

    private static async IAsyncEnumerable<Answer<Page<ProjectView>>> ReadPagesAsync(
        TieringApi api, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            string query = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
            Answer<Page<ProjectView>> page = await api.GetAsync<Page<ProjectView>>($"{ApiPaths.Projects}?limit={PageSize}{query}", cancellation);
            yield return page;
            after = page.Value.Items.Count == PageSize ? page.Value.Items[^1].Slug : null;
        }
        while (after is not null);
    }
}
