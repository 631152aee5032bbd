using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Nights;

/// <summary>The nights' records, and what a night selects. Every method is one atomic change and safe to repeat.</summary>
public interface INightStore
{
    /// <summary>The projects that <see cref="NightRules"/> lets a night take, by date and then by slug, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<NightCandidate>> SelectAsync(DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions, int limit, CancellationToken cancellation);

    /// <summary>Records a night with what it selected, unless its date has a record; gives what is recorded.</summary>
    Task<Night> OpenAsync(Night night, CancellationToken cancellation);

    Task<Night?> FindAsync(DateOnly date, CancellationToken cancellation);

    /// <summary>Newest first, before <paramref name="before"/> (null: from the newest), at most <paramref name="limit"/> (1 to 1000).</summary>
    Task<IReadOnlyList<Night>> ListAsync(DateOnly? before, int limit, CancellationToken cancellation);

    /// <summary>Nights that have begun and not ended.</summary>
    Task<IReadOnlyList<Night>> ListRunningAsync(CancellationToken cancellation);

    /// <summary>Puts an item in the place of the one of its project.</summary>
    Task SetItemAsync(DateOnly date, NightItem item, CancellationToken cancellation);

    /// <summary>Ends a running night; no effect on any other.</summary>
    Task CompleteAsync(DateOnly date, CancellationToken cancellation);

    /// <summary>Since when nights are enabled, without a break that this service has seen; now, when nothing was noted.</summary>
    Task<DateTimeOffset> EnabledSinceAsync(CancellationToken cancellation);

    /// <summary>Notes that nights are not enabled: none of them is missed.</summary>
    Task DisableAsync(CancellationToken cancellation);
}

/// <param name="Project">The project.</param>
/// <param name="EligibleAt">Since when it may go cool.</param>
public sealed record NightCandidate(ProjectSlug Project, DateOnly EligibleAt);

public sealed class NightUnknownException(DateOnly date)
    : TieringException("night-unknown", $"There is no record of the night of {date:yyyy-MM-dd}.", isTransient: false);
