using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>A project as the catalogue keeps it.</summary>
/// <param name="Slug">Its name, and the name of its folder in every role.</param>
/// <param name="State">Where its data lives.</param>
/// <param name="AddedAt">When it was registered.</param>
public sealed record Project(ProjectSlug Slug, LifecycleState State, DateTimeOffset AddedAt)
{
    /// <summary>The operation that started last; null when there was none. It decides which retry ERROR allows.</summary>
    public OperationKey? LastOperation { get; init; }

    /// <summary>The operation or deletion that holds the project now (its instance id); null when it is free.</summary>
    public string? Claim { get; init; }

    /// <summary>When the project came to be, which may be long before it was registered here; null in drop-in mode only.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The date from which on it may go cool, by <see cref="Eligibility"/> from its creation and its runs.</summary>
    public DateOnly? CoolingEligibleAt { get; init; }

    /// <summary>When its last RESTORE succeeded; null for never.</summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>What keeps it where it is; null for nothing. One whose day has come counts no more.</summary>
    public ProjectPin? Pin { get; init; }
}
