using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Upkeep;

/// <summary>Something that piles up and is no longer needed after a while.</summary>
public interface IUpkeepTask
{
    /// <summary>What it removes, in the plural.</summary>
    string Name { get; }

    /// <summary>Removes one bounded piece of what ended before <paramref name="before"/>, archived first. Safe to repeat and to interrupt.</summary>
    /// <param name="client">The task hub.</param>
    /// <param name="before">What ended later stays.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How much was removed, and whether there is more.</returns>
    Task<UpkeepStep> RunAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation);
}

/// <param name="Removed">How many.</param>
/// <param name="More">Whether another step may find more.</param>
public sealed record UpkeepStep(int Removed, bool More);

/// <summary>Every hour, removes what ended long ago, in bounded steps; what is left waits for the next hour.</summary>
public sealed class UpkeepTrigger(IEnumerable<IUpkeepTask> tasks, UpkeepSettings settings, IAudit audit, TimeProvider time, ILogger<UpkeepTrigger> log)
{
    private const int MostSteps = 20;

    [Function("upkeep")]
    public async Task RunAsync(
        [TimerTrigger("0 7 * * * *", RunOnStartup = false, UseMonitor = HostAdapters.TimersAreMonitored)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation)
    {
        foreach (IUpkeepTask task in tasks)
            await RunAsync(task, client, cancellation);
    }

    private async Task RunAsync(IUpkeepTask task, DurableTaskClient client, CancellationToken cancellation)
    {
        DateTimeOffset before = time.GetUtcNow() - settings.Keep;
        int removed = 0;
        try
        {
            UpkeepStep step = new(0, More: true);
            for (int i = 0; i < MostSteps && step.More; i++)
            {
                step = await task.RunAsync(client, before, cancellation);
                removed += step.Removed;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.LogWarning(failure, "The upkeep of {Name} stopped; the next hour tries again", task.Name);
        }
        if (removed == 0)
            return;
        string detail = FormattableString.Invariant($"{removed} {task.Name} that ended before {before:yyyy-MM-dd HH:mm:ss}Z archived and removed");
        await audit.RecordAsync(new AuditEntry(time.GetUtcNow(), Caller.Service.Name, AuditActions.Purge, AuditOutcomes.Succeeded) { Detail = detail }, CancellationToken.None);
    }
}

/// <param name="configuration">The settings.</param>
public sealed class UpkeepSettings(IConfiguration configuration)
{
    /// <summary><c>TIERING_KEEP_DAYS</c>: how long ended orchestrations and job folders stay, 1 to 36500; default 90.</summary>
    /// <exception cref="ConfigurationException">It is something else.</exception>
    public TimeSpan Keep { get; } = configuration["TIERING_KEEP_DAYS"]?.Trim() switch
    {
        null or "" => TimeSpan.FromDays(90),
        { } text when int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int days) && days is >= 1 and <= 36_500 =>
            TimeSpan.FromDays(days),
        _ => throw new ConfigurationException("TIERING_KEEP_DAYS must be a whole number from 1 to 36500"),
    };
}
