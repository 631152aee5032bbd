using System.CommandLine;
using Spectre.Console;
using Tiering.Cli.Api;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering cool|restore|delete-source|adopt SLUG</c>.</summary>
public sealed class TransferCommands(Terminal terminal, ConnectionOptions connection)
{
    private static readonly TimeSpan PlanInterval = TimeSpan.FromMilliseconds(300);

    private readonly OperationFollower _follower = new(terminal, connection);

    public IEnumerable<Command> Create()
    {
        yield return CreateTransfer("cool", "Moves a project from hot to cool storage.");
        yield return CreateTransfer("restore", "Moves a project from cool back to hot storage.");
        yield return CreateDeleteSource();
        yield return CreateAdopt();
    }

    private Command CreateTransfer(string name, string description)
    {
        Argument<string> slug = Arguments.Slug();
        Option<bool> wait = Arguments.Wait();
        Option<Guid?> id = Arguments.NewId();
        Option<string?> proof = Arguments.Proof();
        Option<bool> force = Arguments.Force();
        Option<bool> dryRun = new("--dry-run") { Description = "Only say what it would do: files, bytes, names that cannot be held, time and cost. Exit code 4 if it would be refused." };
        Option<bool> ignoreCost = Arguments.IgnoreCost();
        Command command = new(name, description) { slug, wait, proof, id, dryRun };
        if (name == "cool")
        {
            command.Options.Add(force);
            command.Options.Add(ignoreCost);
        }
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            // The id is chosen here, so that a request whose answer was lost can be repeated without harm.
            Guid operation = parsed.GetValue(id) ?? Guid.NewGuid();
            IReadOnlyDictionary<string, object>? body = Arguments.Body(parsed, proof, name == "cool" ? [("force", force), ("ignoreCost", ignoreCost)] : []);
            if (parsed.GetValue(dryRun))
                return await ShowPlanAsync(api, parsed, $"{ApiPaths.ProjectAction(parsed.GetValue(slug)!, name)}?dry_run=true", body, operation, cancellation);
            Answer<OperationView> accepted = await SendAsync(api, parsed.GetValue(slug)!, name, operation, body, cancellation);
            return await _follower.FollowAsync(api, accepted, parsed, parsed.GetValue(wait), cancellation);
        });
        return command;
    }

    private Command CreateDeleteSource()
    {
        Argument<string> slug = Arguments.Slug();
        Option<bool> wait = Arguments.Wait();
        Command command = new("delete-source", "Deletes the copy that the last operation left behind, after a fresh proof that the other side holds everything.") { slug, wait };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<OperationView> accepted = await api.PostAsync<OperationView>(
                ApiPaths.ProjectAction(parsed.GetValue(slug)!, "delete-source"), body: null, idempotencyKey: null, cancellation);
            return await _follower.FollowDeletionAsync(api, accepted, parsed, parsed.GetValue(wait), cancellation);
        });
        return command;
    }

    private Command CreateAdopt()
    {
        Argument<string> slug = Arguments.Slug();
        Option<Guid?> id = Arguments.NewId();
        Command command = new("adopt", "Takes a baseline of what a COOL project holds now, for one that was not cooled by Tiering.") { slug, id };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            Answer<System.Text.Json.JsonElement> accepted = await api.PostAsync<System.Text.Json.JsonElement>(
                ApiPaths.ProjectAction(parsed.GetValue(slug)!, "adopt"), body: null, parsed.GetValue(id) ?? Guid.NewGuid(), cancellation);
            if (connection.WantsJson(parsed))
                await terminal.OutputWriter.WriteLineAsync(accepted.Json);
            else
                await terminal.OutputWriter.WriteLineAsync($"Taking a baseline of {parsed.GetValue(slug)}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private async Task<int> ShowPlanAsync(TieringApi api, ParseResult parsed, string path, object? body, Guid id, CancellationToken cancellation)
    {
        Answer<PlanView> answer = await api.PostAsync<PlanView>(path, body, id, cancellation);
        OperationWatch watch = new(api, OperationWatch.DefaultPatience);
        while (answer.Value.Status == "RUNNING")
        {
            await Task.Delay(PlanInterval, cancellation);
            answer = await watch.InsistAsync(() => api.GetAsync<PlanView>(ApiPaths.Plan(id), cancellation), cancellation);
        }
        if (connection.WantsJson(parsed))
            await terminal.OutputWriter.WriteLineAsync(answer.Json);
        else if (answer.Value.Plan is { } plan)
            terminal.Output.WritePlan(plan);
        else
            terminal.Output.WriteLine($"No plan could be made: {answer.Value.Error?.Message}");
        return answer.Value.Plan switch
        {
            null => ExitCode.Failed,
            { Refusals.Count: > 0 } => ExitCode.Refused,
            _ => ExitCode.Ok,
        };
    }

    private static async Task<Answer<OperationView>> SendAsync(
        TieringApi api, string slug, string action, Guid id, object? body, CancellationToken cancellation)
    {
        try
        {
            return await api.PostAsync<OperationView>(ApiPaths.ProjectAction(slug, action), body, id, cancellation);
        }
        catch (ServiceUnreachableException lost) when (lost.InnerException is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            throw new CliException(lost.ExitCode, $"{lost.Message} Whether {action} was accepted is not known: repeat it with --id {id:D}.", lost);
        }
    }
}
