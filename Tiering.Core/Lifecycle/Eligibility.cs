namespace Tiering.Core.Lifecycle;

/// <summary>From when a project may go cool. Pure. Source: euphrosyne-contract.md, chapter 11.</summary>
public static class Eligibility
{
    /// <summary>What every instant and date here must be, in a sentence's end.</summary>
    public const string Reach = "must be between the years 1900 and 9000";

    /// <summary>How long data rest after the end of their run: thirty days for each of 24 months, not calendar months.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromDays(720);

    /// <summary>
    /// The latest of the runs' dates: the embargo where there is one, otherwise the end and <see cref="Rest"/>; a run with neither gives
    /// none. Without any, the creation and <see cref="Rest"/>.
    /// </summary>
    public static DateOnly Of(DateTimeOffset createdAt, IEnumerable<ProjectRun> runs, LocalZone zone)
    {
        DateOnly? latest = runs.Max(run => run.Embargo ?? (run.End is { } end ? After(end, zone) : null));
        return latest ?? After(createdAt, zone);
    }

    /// <summary>The date on which the rest after this instant is over. The rest is added first and the zone comes last, so a change of the clocks can move the date.</summary>
    public static DateOnly After(DateTimeOffset instant, LocalZone zone) => zone.DateOf(instant + Rest);

    /// <summary>Whether a project with this date may go cool today.</summary>
    public static bool IsDue(DateOnly? eligibleAt, DateOnly today) => eligibleAt <= today;

    public static bool IsOutOfReach(DateTimeOffset instant) => instant.UtcDateTime.Year is < 1900 or > 9000;
}
