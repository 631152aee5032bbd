using System.Globalization;
using Microsoft.Extensions.Logging;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;

namespace Tiering.Functions.Health;

/// <summary>
/// Tells the log what needs a person: operations that have just failed, results that are parked, operations that do not move. Alerts are made
/// of these lines (infra/modules/alerts.bicep), so their words are part of what others rely on.
/// </summary>
public sealed class HealthReport(ICatalogue catalogue, IOutbox outbox, IJobFolders folders, TransferLimits limits, TimeProvider clock, ILogger<HealthReport> log)
{
    /// <summary>How often it is told, and a little more: a failure is rather told twice than not at all.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    /// <summary>What the watch does about an agent that hangs takes a few attempts; after that it is a person's business.</summary>
    private const int StallsBeforeStuck = 3;
    private const int MostCounted = 1000;

    /// <summary>Looks once, and tells.</summary>
    public async Task<HealthFigures> TellAsync(CancellationToken cancellation)
    {
        IReadOnlyList<LifecycleOperation> failed = await FailedAsync(cancellation);
        foreach (LifecycleOperation operation in failed)
            log.LogWarning("Operation ended FAILED: {Operation} {Code}", operation.Key, operation.Error?.Code);
        IReadOnlyList<LifecycleOperation> stuck = await StuckAsync(cancellation);
        foreach (LifecycleOperation operation in stuck)
            log.LogWarning("Operation does not move: {Operation}", operation.Key);
        HealthFigures figures = new(failed.Count, (await outbox.ListAsync(OutboxStatus.Parked, 0, MostCounted, cancellation)).Count, stuck.Count);
        log.Log(
            figures.IsWell ? LogLevel.Information : LogLevel.Warning,
            "Tiering health: failed={Failed} parked={Parked} stuck={Stuck}",
            figures.Failed, figures.Parked, figures.Stuck);
        return figures;
    }

    private async Task<IReadOnlyList<LifecycleOperation>> FailedAsync(CancellationToken cancellation)
    {
        DateTimeOffset since = clock.GetUtcNow() - Window;
        OperationPage page = await catalogue.ListOperationsAsync(new OperationQuery(Status: OperationStatus.Failed, Limit: MostCounted), cancellation);
        return [.. page.Operations.Where(operation => operation.FinishedAt >= since)];
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
public sealed record HealthFigures(int Failed, int Parked, int Stuck)
{
    public bool IsWell => this is { Failed: 0, Parked: 0, Stuck: 0 };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Failed} failed, {Parked} parked, {Stuck} stuck");
}
