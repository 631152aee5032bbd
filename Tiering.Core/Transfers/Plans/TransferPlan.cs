using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Plans;

/// <summary>What a COOL or RESTORE would do if it were asked for now. Making it changes nothing anywhere.</summary>
/// <param name="Project">The project.</param>
/// <param name="Type">What would be asked for.</param>
/// <param name="MadeAt">When it was made: what is written to the project afterwards is not in it.</param>
/// <param name="Source">The kind of store it would be copied from.</param>
/// <param name="Destination">The kind of store it would be copied to.</param>
public sealed record TransferPlan(ProjectSlug Project, OperationType Type, DateTimeOffset MadeAt, LocationKind Source, LocationKind Destination)
{
    /// <summary>How many names a list shows at most; the counts beside them are always whole.</summary>
    public const int MostNames = 5000;

    /// <summary>How long the names of a list are together at most: the plan is the result of an orchestration, and has to fit into its history.</summary>
    public const int MostCharacters = 200_000;

    /// <summary>Everything that would refuse or fail it; empty when nothing that can be seen beforehand does.</summary>
    public IReadOnlyList<OperationError> Refusals { get; init; } = [];

    /// <summary>How many operations of the whole fleet run now: with no slot free it would wait.</summary>
    public bool Waits { get; init; }

    /// <summary>What would be copied; null when the source could not be counted.</summary>
    public DataSize? Total { get; init; }

    public long Folders { get; init; }

    public long Links { get; init; }

    /// <summary>What of it lies at the destination already, with the same size and no other MD5. It is written again all the same.</summary>
    public DataSize Present { get; init; }

    /// <summary>What would be removed from the destination first.</summary>
    public PlannedRemoval Removed { get; init; } = new();

    /// <summary>What the destination cannot hold, by the rule that says so.</summary>
    public IReadOnlyList<RefusedNames> NotRepresentable { get; init; } = [];

    /// <summary>What lies at the destination and no manifest of the project explains.</summary>
    public RefusedNames? NotExplained { get; init; }

    /// <summary>How contents would be compared; null when the source could not be counted.</summary>
    public string? Proof { get; init; }

    public DurationEstimate? Duration { get; init; }

    public CostEstimate? Cost { get; init; }

    /// <summary>The first things that a list may name.</summary>
    public static IReadOnlyList<T> First<T>(IEnumerable<T> all, Func<T, string> nameOf)
    {
        int characters = 0;
        return [.. all.Take(MostNames).TakeWhile(one => (characters += nameOf(one).Length) <= MostCharacters)];
    }
}

/// <summary>What an operation would remove from its destination.</summary>
public sealed record PlannedRemoval
{
    public DataSize Size { get; init; }

    public long Folders { get; init; }

    public long Links { get; init; }

    /// <summary>Files, folders and links: what the certificate will call removed.</summary>
    public long Count => Size.Files + Folders + Links;

    /// <summary>The first paths, in order.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <param name="Rule">Why, in words.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Names">The first of them.</param>
public sealed record RefusedNames(string Rule, long Count, IReadOnlyList<string> Names);
