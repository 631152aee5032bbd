using System.Globalization;
using Microsoft.Extensions.Logging;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Health;

/// <summary>
/// Tells the log what needs a person: how many operations have just failed (<see cref="FailureLog"/> names each), results that are parked, operations
/// that do not move, nights that do not come. Alerts are made of these lines (infra/modules/alerts.bicep), so their words are part of what others rely on.
/// </summary>
public sealed class HealthReport(
    ICatalogue catalogue,
    IOutbox outbox,
    IJobFolders folders,
    TransferLimits limits,
    INightStore nights,
    NightSettings settings,
    TimeProvider clock,
    ILogger<HealthReport> log)
{
    /// <summary>From one night to the next is a day, and a few hours where the clocks change or a start is held up.</summary>
    private static readonly TimeSpan LongestDay = TimeSpan.FromHours(26);

    /// <summary>Nights that were missed one after the other; after so many the next is late whatever was before them.</summary>
    private const int NightsLookedAt = 5;

    /// <summary>How often it is told, and a little more: a failure is rather counted twice than not at all.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    /// <summary>What the watch does about an agent that hangs takes a few attempts; after that it is a person's business.</summary>
    private const int StallsBeforeStuck = 3;
    private const int MostCounted = 1000;

    /// <summary>Looks once, and tells.</summary>
    public async Task<HealthFigures> TellAsync(CancellationToken cancellation)
    {
        IReadOnlyList<LifecycleOperation> stuck = await StuckAsync(cancellation);
        foreach (LifecycleOperation operation in stuck)
            log.LogWarning("Operation does not move: {Operation}", operation.Key);
        HealthFigures figures = new(await CountFailedAsync(cancellation), (await outbox.ListAsync(OutboxStatus.Parked, 0, MostCounted, cancellation)).Count, stuck.Count, await IsNightLateAsync(cancellation) ? 1 : 0);
        log.Log(
            figures.IsWell ? LogLevel.Information : LogLevel.Warning,
            "Tiering health: failed={Failed} parked={Parked} stuck={Stuck} late={Late}",
            figures.Failed, figures.Parked, figures.Stuck, figures.Late);
        return figures;
    }

    /// <summary>Whether nights are enabled, and none has begun for longer than a day can be.</summary>
    private async Task<bool> IsNightLateAsync(CancellationToken cancellation)
    {
        DateTimeOffset limit = clock.GetUtcNow() - LongestDay;
        if (!settings.Enabled || await nights.EnabledSinceAsync(cancellation) >= limit)
            return false;
        IReadOnlyList<Night> last = await nights.ListAsync(before: null, NightsLookedAt, cancellation);
        return !last.Any(night => night.Status != NightStatus.Missed && night.StartedAt >= limit);
    }

    private async Task<int> CountFailedAsync(CancellationToken cancellation)
    {
        DateTimeOffset since = clock.GetUtcNow() - Window;
        OperationPage page = await catalogue.ListOperationsAsync(new OperationQuery(Status: OperationStatus.Failed, Limit: MostCounted), cancellation);
        return page.Operations.Count(operation => operation.FinishedAt >= since);
    }

    private async Task<IReadOnlyList<LifecycleOperation>> StuckAsync(CancellationToken cancellation)
    {
        DateTimeOffset limit = clock.GetUtcNow() - (limits.Watch.Stall * StallsBeforeStuck);
        OperationPage page = await catalogue.ListOperationsAsync(new OperationQuery(Status: OperationStatus.Running, Limit: MostCounted), cancellation);
        List<LifecycleOperation> stuck = [];
        foreach (LifecycleOperation operation in page.Operations.Where(operation => operation.StartedAt < limit))
        {
            JobView view = await folders.ReadAsync(operation.Key.InstanceId, cancellation);
            if (view.Progress is null || view.Progress.LastChange < limit)
                stuck.Add(operation);
        }
        return stuck;
    }
}

/// <param name="Failed">Operations that failed in the last minutes.</param>
/// <param name="Parked">Results that no attempt delivers any more.</param>
/// <param name="Stuck">Operations that run and have not moved for long.</param>
/// <param name="Late">1 when nights are enabled and none has begun for 26 hours, else 0.</param>
public sealed record HealthFigures(int Failed, int Parked, int Stuck, int Late)
{
    public bool IsWell => this is { Failed: 0, Parked: 0, Stuck: 0, Late: 0 };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Failed} failed, {Parked} parked, {Stuck} stuck, {Late} nights late");
}
