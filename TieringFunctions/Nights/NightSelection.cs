using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;

namespace Tiering.Functions.Nights;

/// <summary>
/// What a night takes, in order: by date and then by slug, but first those that no night has tried in vain lately. A project whose COOL was refused with
/// nothing touched (names that COOL cannot hold, a cost that is vetoed) stays HOT and eligible: it would come first every night, and a few such
/// projects would keep all others from their turn.
/// </summary>
public sealed class NightSelection(INightStore nights, NightSettings settings)
{
    /// <summary>How many nights are looked back on.</summary>
    private const int NightsLookedAt = 30;

    /// <param name="today">The date in the zone.</param>
    /// <param name="now">When the night selects.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<NightCandidate>> SelectAsync(DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        IReadOnlyDictionary<ProjectSlug, DateOnly> inVain = await FindTriedInVainAsync(cancellation);
        IReadOnlyList<NightCandidate> candidates = await nights.SelectAsync(today, now, settings.Exclusions, settings.Limit + inVain.Count, cancellation);
        return [.. candidates.OrderBy(candidate => inVain.GetValueOrDefault(candidate.Project)).Take(settings.Limit)]; // stable; the date of none is the least
    }

    /// <summary>The projects whose last night ended without a COOL, with its date.</summary>
    private async Task<IReadOnlyDictionary<ProjectSlug, DateOnly>> FindTriedInVainAsync(CancellationToken cancellation)
    {
        Dictionary<ProjectSlug, (DateOnly Date, bool InVain)> last = [];
        foreach (Night night in await nights.ListAsync(before: null, NightsLookedAt, cancellation)) // newest first
        {
            foreach (NightItem item in night.Items)
                last.TryAdd(item.Project, (night.Date, item.Status is NightItemStatus.Refused or NightItemStatus.Failed));
        }
        return last.Where(tried => tried.Value.InVain).ToDictionary(tried => tried.Key, tried => tried.Value.Date);
    }
}
