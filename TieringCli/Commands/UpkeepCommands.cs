using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Tiering.Cli.Api;
using Tiering.Core.Backups;
using Tiering.Core.Catalogue;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering audit</c>, <c>tiering backup DIR</c> and <c>tiering restore-backup DIR</c>.</summary>
public sealed class UpkeepCommands(Terminal terminal, ConnectionOptions connection)
{
    private static readonly TimeSpan BackupPatience = TimeSpan.FromHours(6);

    public IEnumerable<Command> Create()
    {
        yield return CreateAudit();
        yield return CreateBackup();
        yield return CreateRestore();
    }

    private Command CreateAudit()
    {
        Option<string?> project = new("--project") { Description = "Only this project's.", HelpName = "SLUG" };
        Option<string?> from = new("--from") { Description = "Not before: a date, or a time as in 2026-03-12T12:00:00Z.", HelpName = "TIME" };
        Option<string?> to = new("--to") { Description = "Before.", HelpName = "TIME" };
        Option<bool> export = new("--export") { Description = "Everything that fits, as JSON Lines, newest first." };
        Command command = new("audit", "Who did what, when, from where, and how it went; the latest first.") { project, from, to, export };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            string query = string.Join('&', new (string Name, string? Value)[] { ("project", parsed.GetValue(project)), ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)) }
                .Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
            if (parsed.GetValue(export))
            {
                await api.CopyLinesAsync($"api/audit?{query}", terminal.OutputWriter, cancellation);
                return ExitCode.Ok;
            }
            Answer<Page<AuditEntry>> page = await api.GetAsync<Page<AuditEntry>>($"api/audit?limit=50&{query}", cancellation);
            if (connection.WantsJson(parsed))
            {
                await terminal.OutputWriter.WriteLineAsync(page.Json);
                return ExitCode.Ok;
            }
            Table table = new Table().Border(TableBorder.Simple).AddColumns("When", "Who", "From", "Action", "Outcome", "Project", "Detail");
            foreach (AuditEntry entry in page.Value.Items)
            {
                string action = entry.Type is { } type ? $"{entry.Action} {type.ToString().ToUpperInvariant()}" : entry.Action;
                table.AddRow(
                    Texts.Time(entry.At), OperationTexts.Safe(entry.Who), OperationTexts.Safe(entry.From ?? ""), OperationTexts.Safe(action), OperationTexts.Safe(entry.Outcome),
                    OperationTexts.Safe(entry.Project ?? ""), OperationTexts.Safe(entry.Detail ?? ""));
            }
            if (page.Value.Items.Count == 0)
                terminal.Output.WriteLine("There is none.");
            else
                terminal.Output.Write(table);
            if (page.Value.Continuation is not null)
                await terminal.ErrorWriter.WriteLineAsync($"These are the latest {page.Value.Items.Count}; --export gives all, --from and --to a part.");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateBackup()
    {
        Argument<string> folder = new("DIR") { Description = "A folder that is not there yet, on the service's machine." };
        Command command = new("backup", "Copies databases, manifests, certificates and unfinished jobs while the service works.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed, BackupPatience);
            string path = Path.GetFullPath(parsed.GetValue(folder)!);
            Answer<JsonElement> made = await api.PostAsync<JsonElement>("api/backups", new { directory = path }, idempotencyKey: null, cancellation);
            await terminal.OutputWriter.WriteLineAsync(
                connection.WantsJson(parsed) ? made.Json : $"{made.Value.GetProperty("files").GetInt64()} files, {Texts.Bytes(made.Value.GetProperty("bytes").GetInt64())} in {path}");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateRestore()
    {
        Argument<string> folder = new("DIR") { Description = "What tiering backup made." };
        Option<string> target = new("--to") { Description = "A fresh state folder. No service may run on it.", HelpName = "DIR", Required = true };
        Command command = new("restore-backup", "Checks a back-up, and puts it into a fresh state folder. Needs no service.") { folder, target };
        command.SetAction(parsed =>
        {
            try
            {
                BackupList list = BackupList.Restore(parsed.GetValue(folder)!, Directory.CreateDirectory(parsed.GetValue(target)!).FullName);
                terminal.OutputWriter.WriteLine($"{list.Files.Count} files of {Texts.Time(list.CreatedAt)} are in {parsed.GetValue(target)}. Start the service with TIERING_DATA={parsed.GetValue(target)}, after you have put the old file 'token' there, or with TIERING_TOKEN.");
                return ExitCode.Ok;
            }
            catch (BackupException unusable)
            {
                throw new CliException(ExitCode.Failed, unusable.Message, unusable);
            }
        });
        return command;
    }
}
