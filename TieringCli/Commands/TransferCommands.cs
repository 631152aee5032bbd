using System.CommandLine;
using Tiering.Cli.Api;

namespace Tiering.Cli.Commands;

/// <summary><c>tiering cool|restore|delete-source|adopt SLUG</c>.</summary>
public sealed class TransferCommands(Terminal terminal, ConnectionOptions connection)
{
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
        Option<bool> force = new("--force") { Description = "Also before its date, and although it is pinned." };
        Command command = new(name, description) { slug, wait, proof, id };
        if (name == "cool")
            command.Options.Add(force);
        command.SetAction(async (parsed, cancellation) =>
        {
            using TieringApi api = connection.Connect(parsed);
            // The id is chosen here, so that a request whose answer was lost can be repeated without harm.
            Guid operation = parsed.GetValue(id) ?? Guid.NewGuid();
            Answer<OperationView> accepted = await SendAsync(api, parsed.GetValue(slug)!, name, operation, parsed.GetValue(proof), name == "cool" && parsed.GetValue(force), cancellation);
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

    private static async Task<Answer<OperationView>> SendAsync(TieringApi api, string slug, string action, Guid id, string? proof, bool force, CancellationToken cancellation)
    {
        try
        {
            object? body = proof is null && !force ? null : new { proof, force = force ? true : (bool?)null };
            return await api.PostAsync<OperationView>(ApiPaths.ProjectAction(slug, action), body, id, cancellation);
        }
        catch (ServiceUnreachableException lost) when (lost.InnerException is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            throw new CliException(lost.ExitCode, $"{lost.Message} Whether {action} was accepted is not known: repeat it with --id {id:D}.", lost);
        }
    }
}
