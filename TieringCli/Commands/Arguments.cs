using System.CommandLine;
using System.CommandLine.Parsing;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Commands;

/// <summary>Arguments that several commands take, checked before anything is sent.</summary>
public static class Arguments
{
    public static Argument<string> Slug()
    {
        Argument<string> slug = new("SLUG") { Description = "The project's name, which is also its folder's." };
        slug.Validators.Add(result =>
        {
            if (ProjectSlug.Refusal(result.Tokens.SingleOrDefault()?.Value) is { } refusal)
                result.AddError($"SLUG: {refusal}.");
        });
        return slug;
    }

    public static Argument<Guid> OperationId() => new("ID") { Description = "The operation's id.", CustomParser = result => Id(result, "ID") ?? Guid.Empty };

    public static Option<bool> Wait() => new("--wait") { Description = "Stay until it has ended; exit code 1 if it failed." };

    public static Option<string?> Proof()
    {
        Option<string?> proof = new("--proof")
        {
            Description = "How contents are compared: sizes, sample:N% or full. With sizes, the source is never deleted. [default: the service's setting]",
            HelpName = "MODE",
        };
        proof.Validators.Add(result =>
        {
            if (result.Tokens.SingleOrDefault()?.Value is { } text && StorageSettings.ParseProof(text) is null)
                result.AddError("--proof must be 'sizes', 'sample:N%' with N from 1 to 100, or 'full'.");
        });
        return proof;
    }

    public static Option<bool> Force() => new("--force") { Description = "Also before its date, and although it is pinned." };

    public static Option<bool> IgnoreCost() => new("--ignore-cost") { Description = "Cool it although it costs more than it saves." };

    public static Option<Guid?> NewId() => new("--id")
    {
        Description = "The new operation's id. Repeating a command with the same id never does anything twice. [default: a fresh one]",
        HelpName = "UUID",
        CustomParser = result => Id(result, "--id"),
    };

    /// <summary>The fields of a request for an operation: what was not asked for is left out; null when nothing was.</summary>
    public static IReadOnlyDictionary<string, object>? Body(ParseResult parsed, Option<string?> proof, params IEnumerable<(string Field, Option<bool> Flag)> flags)
    {
        Dictionary<string, object> body = new(StringComparer.Ordinal);
        if (parsed.GetValue(proof) is { } mode)
            body["proof"] = mode;
        foreach ((string field, Option<bool> flag) in flags)
        {
            if (parsed.GetValue(flag))
                body[field] = true;
        }
        return body.Count == 0 ? null : body;
    }

    private static Guid? Id(ArgumentResult result, string name)
    {
        if (Guid.TryParse(result.Tokens.SingleOrDefault()?.Value, out Guid id))
            return id;
        result.AddError($"{name} must be a UUID, as in 8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55.");
        return null;
    }
}
