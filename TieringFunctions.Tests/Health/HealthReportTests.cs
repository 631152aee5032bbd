using NSubstitute;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Activities;
using Tiering.Functions.Health;
using Tiering.Tests.Support;

namespace Tiering.Tests.Health;

public sealed class HealthReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly ICatalogue catalogue = Substitute.For<ICatalogue>();
    private readonly IOutbox outbox = Substitute.For<IOutbox>();
    private readonly IJobFolders folders = Substitute.For<IJobFolders>();
    private readonly INightStore nights = Substitute.For<INightStore>();
    private CapturedLog<HealthReport> log = null!;

    [SetUp]
    public void SetUp()
    {
        log = new CapturedLog<HealthReport>();
        nights.ClearReceivedCalls();
        Operations(OperationStatus.Failed);
        Operations(OperationStatus.Running);
        outbox.ListAsync(default, default, default, default).ReturnsForAnyArgs([]);
    }

    [Test]
    public async Task Tell_AllWell_IsOneLineThatAlertsCanRead()
    {
        (await TellAsync()).IsWell.Should().BeTrue();

        log.Lines.Should().Equal("Information Tiering health: failed=0 parked=0 stuck=0 late=0");
    }

    [Test]
    public async Task Tell_OperationThatHasJustFailed_IsCounted()
    {
        LifecycleOperation now = Operation().Fail(Now - TimeSpan.FromMinutes(2), new OperationError("source-changed", "It changed."));
        LifecycleOperation long_ = Operation().Fail(Now - TimeSpan.FromMinutes(30), new OperationError("azcopy-failed", "It failed."));
        Operations(OperationStatus.Failed, now, long_);

        (await TellAsync()).Failed.Should().Be(1);

        log.Lines.Should().Equal("Warning Tiering health: failed=1 parked=0 stuck=0 late=0");
    }

    [TestCase(50, false)]
    [TestCase(52, true)]
    public async Task Tell_OperationWithoutProgress_IsStuckAfterThreeTimesTheStallLimit(int minutes, bool stuck)
    {
        LifecycleOperation running = Operation().Start(Now - TimeSpan.FromHours(5));
        Operations(OperationStatus.Running, running);
        DateTimeOffset changed = Now - TimeSpan.FromMinutes(minutes);
        folders.ReadAsync(running.Key.InstanceId, default).ReturnsForAnyArgs(
            new JobView(new TransferProgress(1, TransferPhase.Copy, Now, changed), null, LeaseHeld: true, 1, null));

        (await TellAsync()).Stuck.Should().Be(stuck ? 1 : 0);
    }

    [Test]
    public async Task Tell_OperationThatHasJustStarted_IsNotStuckWithoutProgress()
    {
        Operations(OperationStatus.Running, Operation().Start(Now - TimeSpan.FromMinutes(1)));

        (await TellAsync()).Stuck.Should().Be(0);
    }

    [Test]
    public async Task Tell_ParkedResults_AreCounted()
    {
        OutboxMessage parked = new(1, Operation().Key, IsDeletion: false, "{}", Now, OutboxStatus.Parked, 20, Now, "no");
        outbox.ListAsync(OutboxStatus.Parked, 0, 1000, default).ReturnsForAnyArgs([parked, parked with { Sequence = 2 }]);

        (await TellAsync()).Parked.Should().Be(2);
        log.Lines.Should().Equal("Warning Tiering health: failed=0 parked=2 stuck=0 late=0");
    }

    [TestCase(-25, -25, false, Description = "enabled since yesterday")]
    [TestCase(-90, -25, false)]
    [TestCase(-90, -27, true)]
    [TestCase(-90, null, true, Description = "none at all")]
    public async Task Tell_NightsAreEnabled_AreLateAfterTwentySixHours(int enabled, int? begun, bool late)
    {
        nights.EnabledSinceAsync(default).ReturnsForAnyArgs(Now.AddHours(enabled));
        nights.ListAsync(default, default, default).ReturnsForAnyArgs(begun is { } hours ? [Night(-1, NightStatus.Missed), Night(hours, NightStatus.Completed)] : []);

        (await TellAsync(("TIERING_NIGHTLY_COOLING", "true"))).Late.Should().Be(late ? 1 : 0);

        log.Lines.Should().Equal($"{(late ? "Warning" : "Information")} Tiering health: failed=0 parked=0 stuck=0 late={(late ? 1 : 0)}");
    }

    [Test]
    public async Task Tell_NightsAreNotEnabled_AreNeverLate()
    {
        (await TellAsync()).Late.Should().Be(0);

        nights.ReceivedCalls().Should().BeEmpty("asking would note that they are enabled");
    }

    private static Night Night(int hours, NightStatus status) => new(new DateOnly(2026, 11, 19), Now, Now, status) { StartedAt = Now.AddHours(hours) };

    private static LifecycleOperation Operation() => new(new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.NewGuid()), Now - TimeSpan.FromHours(6));

    private void Operations(OperationStatus status, params LifecycleOperation[] operations) => catalogue
        .ListOperationsAsync(Arg.Is<OperationQuery>(query => query != null && query.Status == status), Arg.Any<CancellationToken>())
        .Returns(new OperationPage(operations, null));

    private Task<HealthFigures> TellAsync(params (string Name, string Value)[] settings) => new HealthReport(
        catalogue,
        outbox,
        folders,
        new TransferLimits(_ => null),
        nights,
        new NightSettings(name => settings.FirstOrDefault(setting => setting.Name == name).Value),
        new ManualTime(Now),
        log).TellAsync(default);
}
