using System.IO.Enumeration;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Nights;

/// <summary>Why a night does not take a project; <see cref="Limit"/>: it takes others before it, and no more.</summary>
public enum NightObstacle { NotHot, NotEligible, Pinned, Excluded, RestoredLately, Busy, Limit }

/// <summary>What a night takes, and what not. Pure; the catalogue's query says the same. Source: euphrosyne-contract.md, chapter 11.</summary>
public static class NightRules
{
    /// <summary>How long a project that was restored stays hot; exactly so long ago still counts.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(30);

    /// <summary>Why this project is not taken; null when it may be.</summary>
    /// <param name="project">As the catalogue has it.</param>
    /// <param name="today">The date in the zone.</param>
    /// <param name="now">The instant.</param>
    /// <param name="exclusions">Patterns of slugs.</param>
    public static NightObstacle? ObstacleOf(Project project, DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions) => project switch
    {
        { State: not LifecycleState.Hot } => NightObstacle.NotHot,
        _ when !Eligibility.IsDue(project.CoolingEligibleAt, today) => NightObstacle.NotEligible,
        { Pin: { } pin } when pin.HoldsOn(today) => NightObstacle.Pinned,
        _ when exclusions.Any(pattern => IsExcluded(project.Slug, pattern)) => NightObstacle.Excluded,
        { RestoredAt: { } restored } when restored >= now - Grace => NightObstacle.RestoredLately,
        { Claim: not null } => NightObstacle.Busy,
        _ => null,
    };

    /// <summary>The obstacle in a sentence's end.</summary>
    public static string Words(NightObstacle obstacle, Project project) => obstacle switch
    {
        NightObstacle.NotHot => $"is {project.State.ToString().ToUpperInvariant()}",
        NightObstacle.NotEligible => FormattableString.Invariant($"is eligible from {project.CoolingEligibleAt:yyyy-MM-dd} on"),
        NightObstacle.Pinned when project.Pin!.Until is { } until => FormattableString.Invariant($"is pinned until {until:yyyy-MM-dd}"),
        NightObstacle.Pinned => "is pinned",
        NightObstacle.Excluded => "is excluded by TIERING_NIGHT_EXCLUDE",
        NightObstacle.RestoredLately => FormattableString.Invariant($"was restored on {project.RestoredAt:yyyy-MM-dd}, less than {Grace.Days} days ago"),
        NightObstacle.Busy => $"is held by {OperationKey.NameOf(project.Claim!)}",
        _ => "comes after those that the night takes",
    };

    /// <summary>Whether a pattern, in which <c>*</c> stands for any characters, names the slug; letter case counts.</summary>
    public static bool IsExcluded(ProjectSlug slug, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, slug.Value, ignoreCase: false);
}
