using Tiering.Core.Lifecycle;

namespace Tiering.Core.Nights;

/// <summary>How far a night is. One that nobody ran, because the service was off, is missed: its projects wait for the next.</summary>
public enum NightStatus { Running, Completed, Missed }

/// <summary>What became of a project that a night has selected.</summary>
public enum NightItemStatus { Selected, Accepted, Refused, NotStarted, Succeeded, Failed }

/// <summary>A night of cooling, and its outcome. Immutable; every change makes a new record.</summary>
/// <param name="Date">The date on which its window opens; it names the night.</param>
/// <param name="OpensAt">From here on it may start transfers.</param>
/// <param name="ClosesAt">From here on it starts nothing new; what runs goes on.</param>
/// <param name="Status">How far it is.</param>
public sealed record Night(DateOnly Date, DateTimeOffset OpensAt, DateTimeOffset ClosesAt, NightStatus Status)
{
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last of its operations had ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How many projects it was to take at most.</summary>
    public int Limit { get; init; }

    /// <summary>What it selected, in order.</summary>
    public IReadOnlyList<NightItem> Items { get; init; } = [];

    /// <summary>The id of its orchestration.</summary>
    public static string InstanceOf(DateOnly date) => FormattableString.Invariant($"night-{date:yyyy-MM-dd}");

    /// <summary>The night with another item in the place of the one of its project.</summary>
    public Night With(NightItem item) => this with { Items = [.. Items.Select(old => old.Project == item.Project ? item : old)] };

    /// <summary>Its items in a sentence: <c>3 selected: 2 succeeded, 1 refused</c>.</summary>
    public string Summary() => Items.Count == 0
        ? "nothing selected"
        : Items.All(item => item.Status == NightItemStatus.Selected)
        ? $"{Items.Count} selected"
        : $"{Items.Count} selected: {string.Join(", ", Items.GroupBy(item => item.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} {Words(group.Key)}"))}";

    private static string Words(NightItemStatus status) => status == NightItemStatus.NotStarted ? "not started" : status.ToString().ToLowerInvariant();
}

/// <param name="Project">The project.</param>
/// <param name="Operation">The id of its COOL: the same however often it is asked for.</param>
/// <param name="Status">What became of it.</param>
public sealed record NightItem(ProjectSlug Project, Guid Operation, NightItemStatus Status)
{
    public DateOnly? EligibleAt { get; init; }

    /// <summary>Why it was refused, not started, or failed; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>What was moved; null while unknown.</summary>
    public DataSize? Size { get; init; }
}
