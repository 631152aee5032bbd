using System.CommandLine;
using Tiering.Cli.Api;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering operation list|show|retry|cancel</c>.</summary>
public sealed class OperationCommands(Terminal terminal, ConnectionOptions connection)
{
    private const int MostListed = 1000;
    private readonly OperationFollower _follower = new(terminal, connection);

    public Command Create()
    {
        Command command = new("operation", "Operations: what was asked for, and how it went.");
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateShow());
        command.Subcommands.Add(CreateRetry());
        command.Subcommands.Add(CreateCancel());
        return command;
    }

    private Command CreateList()
    {
        Option<string?> project = new("--project") { Description = "Only this project's.", HelpName = "SLUG" };
        Option<string?> status = new("--status") { Description = "Only these: PENDING, RUNNING, SUCCEEDED or FAILED." };
        status.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "PENDING", "RUNNING", "SUCCEEDED", "FAILED");
        Option<int> limit = new("--limit") { Description = $"How many at most, 1 to {MostListed}.", HelpName = "N", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is >= 1 and <= MostListed)
                return;
            result.AddError($"--limit must be 1 to {MostListed}.");
        });
        Option<string?> continuation = new("--continuation") { Description = "Where the list before ended, to see what follows.", HelpName = "MARK" };
        Command command = new("list", "Operations, newest first.") { project, status, limit, continuation };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            string query = Query(
                ("limit", parsed.GetValue(limit).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("project", parsed.GetValue(project)),
                ("status", parsed.GetValue(status)?.ToUpperInvariant()),
                ("continuation", parsed.GetValue(continuation)));
            Answer<Page<OperationView>> page = await api.GetAsync<Page<OperationView>>($"{ApiPaths.Operations}?{query}", cancellation);
            if (connection.WantsJson(parsed))
            {
                await terminal.OutputWriter.WriteLineAsync(page.Json);
                return ExitCode.Ok;
            }
            terminal.Output.WriteTable(page.Value.Items);
            if (page.Value.Continuation is { } more)
                await terminal.ErrorWriter.WriteLineAsync($"There are more: --continuation {more}");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateShow()
    {
        Argument<Guid> id = Arguments.OperationId();
        Option<bool> wait = Arguments.Wait();
        Command command = new("show", "Everything about one operation.") { id, wait };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<OperationView> found = await api.GetAsync<OperationView>(ApiPaths.Operation(parsed.GetValue(id)), cancellation);
            if (parsed.GetValue(wait))
                return await _follower.FollowAsync(api, found, parsed, wait: true, cancellation);
            if (connection.WantsJson(parsed))
                await terminal.OutputWriter.WriteLineAsync(found.Json);
            else
                terminal.Output.WriteDetails(found.Value);
            return ExitCode.Ok;
        });
        return command;
    }

    private Command CreateRetry()
    {
        Argument<Guid> id = Arguments.OperationId();
        Option<bool> wait = Arguments.Wait();
        Option<Guid?> newId = Arguments.NewId();
        Option<string?> proof = Arguments.Proof();
        Option<bool> force = Arguments.Force(), ignoreCost = Arguments.IgnoreCost();
        Option<bool> takeOver = new("--take-over") { Description = "Of a COOL that ended with destination-not-explained: overwrite and remove what it named." };
        Command command = new("retry", "Repeats a failed operation as a new one of the same type.") { id, wait, proof, force, ignoreCost, takeOver, newId };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            IReadOnlyDictionary<string, object>? body = Arguments.Body(parsed, proof, ("force", force), ("ignoreCost", ignoreCost), ("takeOver", takeOver));
            Answer<OperationView> accepted = await api.PostAsync<OperationView>(
                ApiPaths.OperationAction(parsed.GetValue(id), "retry"), body, parsed.GetValue(newId) ?? Guid.NewGuid(), cancellation);
            return await _follower.FollowAsync(api, accepted, parsed, parsed.GetValue(wait), cancellation);
        });
        return command;
    }

    private Command CreateCancel()
    {
        Argument<Guid> id = Arguments.OperationId();
        Option<bool> wait = Arguments.Wait();
        Command command = new("cancel", "Ends a live operation; it becomes FAILED (cancelled).") { id, wait };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<OperationView> accepted = await api.PostAsync<OperationView>(
                ApiPaths.OperationAction(parsed.GetValue(id), "cancel"), body: null, idempotencyKey: null, cancellation);
            await _follower.FollowAsync(api, accepted, parsed, parsed.GetValue(wait), cancellation);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Query(params (string Name, string? Value)[] parts) =>
        string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
}
