namespace Tiering.Functions.Health;

/// <summary>Tells every five minutes how things are.</summary>
public sealed class HealthReportTrigger(HealthReport report)
{
    [Function("health-report")]
    public Task RunAsync([TimerTrigger("0 */5 * * * *", UseMonitor = HostAdapters.TimersAreMonitored)] TimerInfo timer, CancellationToken cancellation) => report.TellAsync(cancellation);
}
