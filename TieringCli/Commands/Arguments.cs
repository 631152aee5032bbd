using System.CommandLine;
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

    public static Argument<Guid> OperationId() => new("ID") { Description = "The operation's id." };

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

    public static Option<Guid?> NewId() => new("--id")
    {
        Description = "The new operation's id. Repeating a command with the same id never does anything twice. [default: a fresh one]",
        HelpName = "UUID",
    };
}
