using System.Diagnostics.Metrics;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What a hub has in hand, for whoever measures it.</summary>
internal sealed class HubGauges : IDisposable
{
    private readonly Meter meter = new(Metering.Name);

    public HubGauges(Func<HubLoad> load)
    {
        meter.CreateObservableGauge("taskhub.instances.live", () => load().Live, "{instance}", "Instances that have not ended.");
        meter.CreateObservableGauge("taskhub.steps.lag", () => load().StepLag.TotalSeconds, "s", "For how long the instance that is next has waited for its step.");
        meter.CreateObservableGauge("taskhub.steps.ready", () => load().ReadySteps, "{instance}", "Instances that wait for their step.");
        meter.CreateObservableGauge("taskhub.activities.running", () => load().RunningActivities, "{activity}", "Activities that run.");
        meter.CreateObservableGauge("taskhub.activities.waiting", () => load().WaitingActivities, "{activity}", "Activities that wait for their turn.");
        meter.CreateObservableGauge("taskhub.commits.waiting", () => load().WaitingCommits, "{operation}", "Operations that are not on disk yet.");
        meter.CreateObservableGauge("taskhub.timers", () => load().Timers, "{timer}", "Timers in memory.");
        meter.CreateObservableGauge("taskhub.timers.lag", () => load().TimerLag.TotalSeconds, "s", "By how much the next timer is late.");
    }

    public void Dispose() => meter.Dispose();
}

/// <summary>What a hub has in hand at one moment.</summary>
internal sealed record HubLoad(int Live, TimeSpan StepLag, int ReadySteps, int RunningActivities, int WaitingActivities, int WaitingCommits, int Timers, TimeSpan TimerLag);
