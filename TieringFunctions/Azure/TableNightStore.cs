using Tiering.Core.Catalogue;
using Tiering.Core.Nights;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Azure;

/// <summary>The nights, in the catalogue's tables, beside the audit entries that belong to no project.</summary>
public sealed class TableNightStore(TableStorage storage) : INightStore
{
    private const string SinceFact = "nights-since";
    private const int MaxLimit = 1000;

    private static readonly string Partition = CatalogueRows.PartitionOf(project: null);

    public async Task<IReadOnlyList<NightCandidate>> SelectAsync(
        DateOnly today, DateTimeOffset now, IReadOnlyList<string> exclusions, int limit, CancellationToken cancellation)
    {
        List<NightCandidate> candidates = [];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.CoolableProjects, "", Text.Of(today.AddDays(1)), MaxLimit, cancellation))
        {
            if (candidates.Count >= limit)
                break;
            Project project = CatalogueRows.ToProject(row)!;
            if (NightRules.ObstacleOf(project, today, now, exclusions) is null)
                candidates.Add(new NightCandidate(project.Slug, project.CoolingEligibleAt!.Value));
        }
        return candidates;
    }

    public Task<Night> OpenAsync(Night night, CancellationToken cancellation) => storage.ChangeAsync(
        Partition,
        async rows =>
        {
            if (await rows.FindAsync(CatalogueRows.NightKeyOf(night.Date)) is { } recorded)
                return CatalogueRows.ToNight(recorded);
            rows.Put(CatalogueRows.Of(night, stored: null));
            bool isMissed = night.Status == NightStatus.Missed;
            Audit(rows, night, isMissed ? AuditOutcomes.Failed : AuditOutcomes.Accepted, isMissed ? "missed: the service was off" : night.Summary());
            return night;
        },
        cancellation);

    public async Task<Night?> FindAsync(DateOnly date, CancellationToken cancellation) =>
        await storage.Rows.FindAsync(Partition, CatalogueRows.NightKeyOf(date), cancellation) is { } row ? CatalogueRows.ToNight(row) : null;

    public async Task<IReadOnlyList<Night>> ListAsync(DateOnly? before, int limit, CancellationToken cancellation)
    {
        Limit.Check(limit, MaxLimit);
        (string from, string end) = CatalogueRows.Nights;
        List<Night> nights = [];
        await foreach (IReadOnlyList<TableRow> page in storage.Rows.PagesAsync(Partition, before is { } date ? CatalogueRows.NightKeyOf(date) + '!' : from, end, cancellation, limit))
        {
            nights.AddRange(page.Select(CatalogueRows.ToNight));
            if (nights.Count >= limit)
                break;
        }
        return [.. nights.Take(limit)];
    }

    public async Task<IReadOnlyList<Night>> ListRunningAsync(CancellationToken cancellation)
    {
        List<Night> nights = [];
        await foreach ((_, TableRow row) in storage.Lists.ReadAsync(ListEntry.RunningNights, "", ListEntry.End, MaxLimit, cancellation))
            nights.Add(CatalogueRows.ToNight(row));
        return nights;
    }

    public Task SetItemAsync(DateOnly date, NightItem item, CancellationToken cancellation) => ChangeAsync(date, (_, night) => night.With(item), cancellation);

    public Task CompleteAsync(DateOnly date, CancellationToken cancellation) => ChangeAsync(
        date,
        (rows, night) =>
        {
            Night done = night with { Status = NightStatus.Completed, FinishedAt = storage.Time.GetUtcNow() };
            Audit(rows, done, AuditOutcomes.Succeeded, done.Summary());
            return done;
        },
        cancellation);

    public async Task<DateTimeOffset> EnabledSinceAsync(CancellationToken cancellation) =>
        Text.Time(await storage.Facts.FindOrAddAsync(SinceFact, Text.Of(storage.Time.GetUtcNow()), cancellation));

    public Task DisableAsync(CancellationToken cancellation) => storage.Facts.RemoveAsync(SinceFact, cancellation);

    private Task<bool> ChangeAsync(DateOnly date, Func<PartitionChange, Night, Night> change, CancellationToken cancellation) => storage.ChangeAsync(
        Partition,
        async rows =>
        {
            if (await rows.FindAsync(CatalogueRows.NightKeyOf(date)) is not { } row || CatalogueRows.ToNight(row) is not { Status: NightStatus.Running } night)
                return false;
            rows.Put(CatalogueRows.Of(change(rows, night), row));
            return true;
        },
        cancellation);

    private void Audit(PartitionChange rows, Night night, string outcome, string detail) => rows.Put(CatalogueRows.Of(
        new AuditEntry(storage.Time.GetUtcNow(), NightCaller.Name, AuditActions.Night, outcome) { Detail = $"{Text.Of(night.Date)}: {detail}" }, storage.Sequence.Next()));
}
