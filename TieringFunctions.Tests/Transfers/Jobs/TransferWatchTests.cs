using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;

namespace Tiering.Tests.Transfers.Jobs;

public sealed class TransferWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly WatchLimits Limits = new();

    [TestCase(0, 0, 1.0)]
    [TestCase(0, 3_600_000_000, 2.0)]
    [TestCase(36_000, 0, 2.0)]
    [TestCase(36_000, 3_600_000_000, 3.0)]
    [TestCase(1, 100_000_000_000_000, 168.0)]
    public void Deadline_OfASize_IsAnHourAndTheSlowestPace(long files, long bytes, double hours) =>
        Limits.DeadlineOf(new DataSize(files, bytes)).TotalHours.Should().BeApproximately(hours, 0.001);

    [Test]
    public void Deadline_OfAnUnknownSize_IsTheLongest() => Limits.DeadlineOf(null).Should().Be(Limits.Deadline);

    [TestCase(59, WatchStep.Wait)]
    [TestCase(61, WatchStep.Overdue)]
    public void Decide_SmallTransfer_MayTakeAnHour(int minutes, WatchStep step) =>
        Decide(Start.AddMinutes(minutes), View(new DataSize(0, 0), lastChange: Start.AddMinutes(minutes))).Should().Be(step);

    [Test]
    public void Decide_LargeTransfer_MayTakeLonger() =>
        Decide(Start.AddHours(20), View(new DataSize(1, 100_000_000_000), lastChange: Start.AddHours(20))).Should().Be(WatchStep.Wait);

    [TestCase(15, WatchStep.Wait)]
    [TestCase(16, WatchStep.Stalled)]
    public void Decide_NothingChanges_StallsAfterTheLimit(int minutes, WatchStep step) =>
        Decide(Start.AddMinutes(minutes).AddSeconds(-1), View(new DataSize(1, 1), lastChange: Start)).Should().Be(step);

    [Test]
    public void Decide_VerdictWhileTheLeaseIsHeld_Waits()
    {
        JobView view = View(new DataSize(1, 1), Start) with { Verdict = new TransferVerdict(1, Start) };
        Decide(Start, view).Should().Be(WatchStep.Wait);
        Decide(Start, view with { LeaseHeld = false }).Should().Be(WatchStep.Ended);
    }

    [Test]
    public void Decide_LeaseFreeWithoutVerdict_IsLostOnceItWasHeld()
    {
        JobView free = View(null, Start) with { LeaseHeld = false };
        Decide(Start.AddSeconds(1), free).Should().Be(WatchStep.AgentLost);
        Decide(Start.AddSeconds(1), free with { Attempt = 0 }).Should().Be(WatchStep.Wait, "it may be starting");
        Decide(Start.AddMinutes(1), free with { Attempt = 0 }).Should().Be(WatchStep.AgentLost);
    }

    [Test]
    public void Limits_OfSettings_FollowThem()
    {
        Dictionary<string, string> settings = new()
        {
            ["TIERING_STALL_MINUTES"] = "5",
            ["TIERING_DEADLINE_HOURS"] = "10",
            ["TIERING_DEADLINE_LEAST_MINUTES"] = "30",
            ["TIERING_DEADLINE_MBPS"] = "80",
        };
        WatchLimits limits = new TransferLimits(settings.GetValueOrDefault).Watch;

        limits.Stall.Should().Be(TimeSpan.FromMinutes(7), "the agent ends a hanging AzCopy first");
        limits.DeadlineOf(new DataSize(0, 18_000_000_000)).Should().Be(TimeSpan.FromHours(1));
        limits.DeadlineOf(null).Should().Be(TimeSpan.FromHours(10));
    }

    [Test]
    public void Limits_CapBelowThePace_CountsByHalf()
    {
        Dictionary<string, string> settings = new() { ["AZCOPY_CAP_MBPS"] = "8" };
        new TransferLimits(settings.GetValueOrDefault).Watch.LeastBytesPerSecond.Should().Be(500_000);
    }

    private static WatchStep Decide(DateTimeOffset now, JobView view) => TransferWatch.Decide(view, attempt: 1, Start, Start, now, Limits);

    private static JobView View(DataSize? total, DateTimeOffset lastChange) =>
        new(new TransferProgress(1, TransferPhase.Copy, lastChange, lastChange) { Total = total }, Verdict: null, LeaseHeld: true, Attempt: 1, AccessExpiresAt: null);
}
