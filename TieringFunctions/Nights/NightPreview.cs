using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Functions.Nights;

/// <summary>What the next night would do, as things stand now.</summary>
public sealed class NightPreview(
    NightSelection selection, ICatalogue catalogue, NightSettings settings, ProjectLocations locations, IAccessIssuer access, ProjectStores stores, TimeProvider time)
{
    /// <summary>How long all the selected projects together are counted; what takes longer is not told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="after">The other projects are told page by page: those after this slug; null for the first page.</param>
    /// <param name="limit">How many of the other projects at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<NightPlan> OfNextAsync(ProjectSlug? after, int limit, CancellationToken cancellation)
    {
        NightWindow window = settings.Window.NextAt(time.GetUtcNow());
        DateTimeOffset then = window.OpensAt > time.GetUtcNow() ? window.OpensAt : time.GetUtcNow();
        DateOnly today = settings.Zone.DateOf(then);
        IReadOnlyList<NightCandidate> selected = await selection.SelectAsync(today, then, cancellation);
        IReadOnlyList<Project> page = await catalogue.ListProjectsAsync(after, limit, cancellation);
        return new NightPlan(
            window.Date,
            window.OpensAt,
            window.ClosesAt,
            settings.Enabled,
            settings.Limit,
            await MeasureAsync(selected, cancellation),
            [.. page.Where(project => selected.All(candidate => candidate.Project != project.Slug)).Select(project => Passed(project, today, then))],
            page.Count == limit ? page[^1].Slug.Value : null);
    }

    private PassedProject Passed(Project project, DateOnly today, DateTimeOffset then)
    {
        NightObstacle obstacle = NightRules.ObstacleOf(project, today, then, settings.Exclusions) ?? NightObstacle.Limit;
        return new PassedProject(project.Slug, obstacle, NightRules.Words(obstacle, project));
    }

    private async Task<IReadOnlyList<PlannedProject>> MeasureAsync(IReadOnlyList<NightCandidate> selected, CancellationToken cancellation)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        List<PlannedProject> planned = [];
        foreach (NightCandidate candidate in selected)
            planned.Add(new PlannedProject(candidate.Project, candidate.EligibleAt, await MeasureAsync(candidate.Project, late.Token, cancellation)));
        return planned;
    }

    /// <summary>Null when the storage does not answer, or not in time: the night itself finds out.</summary>
    private async Task<DataSize?> MeasureAsync(ProjectSlug project, CancellationToken late, CancellationToken cancellation)
    {
        try
        {
            Location location = locations.For(project, StorageRole.Hot);
            IProjectStore store = stores.Open(location, await access.ForReadingAsync(location, late));
            (long files, long bytes) = (0, 0);
            await foreach (InventoryEntry entry in store.ListAsync(late).WithCancellation(late))
            {
                if (entry.Kind == EntryKind.File)
                    (files, bytes) = (files + 1, bytes + entry.Size);
            }
            return new DataSize(files, bytes);
        }
        catch (Exception failure) when (failure is TieringException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <param name="Date">The night.</param>
/// <param name="OpensAt">When its window opens.</param>
/// <param name="ClosesAt">When it closes.</param>
/// <param name="Enabled">Whether it will come at all.</param>
/// <param name="Limit">How many projects it takes at most.</param>
/// <param name="Selected">What it would take, in order.</param>
/// <param name="Others">One page of the projects that it would not take, by slug.</param>
/// <param name="Continuation">Asks for the next page of the others, as <c>after</c>; null on the last.</param>
public sealed record NightPlan(
    DateOnly Date,
    DateTimeOffset OpensAt,
    DateTimeOffset ClosesAt,
    bool Enabled,
    int Limit,
    IReadOnlyList<PlannedProject> Selected,
    IReadOnlyList<PassedProject> Others,
    string? Continuation)
{
    /// <summary>What the selected projects hold together, as far as it is known.</summary>
    public DataSize Total => new(Selected.Sum(project => project.Size?.Files ?? 0), Selected.Sum(project => project.Size?.Bytes ?? 0));
}

/// <param name="Project">The project.</param>
/// <param name="EligibleAt">Since when it may go cool.</param>
/// <param name="Size">What it holds; null when it could not be counted, or not in time.</param>
public sealed record PlannedProject(ProjectSlug Project, DateOnly EligibleAt, DataSize? Size);

/// <param name="Project">The project.</param>
/// <param name="Obstacle">Why it is not taken.</param>
/// <param name="Reason">The end of a sentence that begins with the project's name.</param>
public sealed record PassedProject(ProjectSlug Project, NightObstacle Obstacle, string Reason);
