using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Triggers;
using Tiering.Tests.Support;
using Tiering.Tests.Triggers;

namespace Tiering.Tests.Nights;

/// <summary>The steps of a night on a real catalogue, by a clock that only the test moves.</summary>
public sealed class NightKeeperTests
{
    private static readonly DateOnly Date = new(2026, 3, 13);
    private TempFolder folder = null!;
    private ManualTime time = null!;
    private SqliteDatabase database = null!;
    private SqliteCatalogue catalogue = null!;
    private SqliteNightStore nights = null!;
    private SqliteAudit audit = null!;
    private IProjectDataProbe probe = null!;
    private DurableTaskClient client = null!;

    [SetUp]
    public void Start()
    {
        folder = new TempFolder();
        time = new ManualTime(); // 2026-03-12T12:00:00Z
        database = new SqliteDatabase(folder.At("tiering.db"));
        catalogue = new SqliteCatalogue(database, time, dropIn: false);
        nights = new SqliteNightStore(database, time);
        audit = new SqliteAudit(database);
        probe = Substitute.For<IProjectDataProbe>();
        client = Substitute.For<DurableTaskClient>("client");
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await client.DisposeAsync();
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Tick_DuringTheNight_StartsItUnderItsDate()
    {
        At("2026-03-13T00:00:00+01:00");

        await Keeper().TickAsync(client, default);

        await client.Received(1).ScheduleNewOrchestrationInstanceAsync(
            Arg.Is<TaskName>(name => name.Name == nameof(NightOrchestration)),
            Arg.Is<object>(input => ((NightWindow)input).Date == Date),
            Arg.Is<StartOrchestrationOptions>(options => options.InstanceId == "night-2026-03-13"),
            default);
    }

    [TestCase("2026-03-12T23:59:59+01:00", "true")]
    [TestCase("2026-03-13T06:00:00+01:00", "true")]
    [TestCase("2026-03-13T01:00:00+01:00", "false")]
    public async Task Tick_OutsideTheWindowOrDisabled_DoesNothing(string now, string enabled)
    {
        At(now);

        await Keeper(("TIERING_NIGHTLY_COOLING", enabled)).TickAsync(client, default);

        client.ReceivedCalls().Should().BeEmpty();
        (await nights.ListAsync(null, 10, default)).Should().BeEmpty("the night before was not missed: nights were not enabled then");
    }

    [Test]
    public async Task Tick_AfterDaysOff_RecordsEachMissedNightOnce()
    {
        At("2026-03-13T12:00:00+01:00");
        await Keeper().TickAsync(client, default);
        At("2026-03-16T12:00:00+01:00");

        await Keeper().TickAsync(client, default);
        await Keeper().TickAsync(client, default);

        (await nights.ListAsync(null, 10, default)).Select(night => (night.Date.Day, night.Status))
            .Should().Equal((16, NightStatus.Missed), (15, NightStatus.Missed), (14, NightStatus.Missed));
        (await audit.ListAsync(new AuditQuery(), default)).Entries.Should().HaveCount(3).And.OnlyContain(entry => entry.Action == AuditActions.Night && entry.Outcome == AuditOutcomes.Failed);
    }

    [Test]
    public async Task Tick_DisabledInBetween_MissesNothing()
    {
        At("2026-03-13T12:00:00+01:00");
        await Keeper().TickAsync(client, default);
        await Keeper(("TIERING_NIGHTLY_COOLING", "false")).TickAsync(client, default);
        At("2026-03-16T12:00:00+01:00");

        await Keeper().TickAsync(client, default);

        (await nights.ListAsync(null, 10, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Night_OneOfThreeIsBad_TheOthersAreCooled()
    {
        await AddAsync("a", "b", "c", "d");
        probe.CheckAsync(ProjectSlug.Parse("b"), StorageRole.Hot, default).ReturnsForAnyArgs(call => call.Arg<ProjectSlug>().Value == "b"
            ? Task.FromException(new ProjectDataMissingException(new Location(LocationKind.Folder, "/hot/b", "/hot")))
            : Task.CompletedTask);
        At("2026-03-13T00:10:00+01:00");

        Night night = await RunAsync(Keeper());

        night.Items.Select(item => (item.Project.Value, item.Status)).Should().Equal(
            ("a", NightItemStatus.Accepted), ("b", NightItemStatus.Refused), ("c", NightItemStatus.Accepted));
        night.Items[1].Reason.Should().StartWith("project-data-missing: ");
        (await OperationAsync(night.Items[0])).Should().BeEquivalentTo(new { RequestedBy = "night", StartBefore = night.ClosesAt });
    }

    [Test]
    public async Task Nights_ProjectsThatCannotGoCool_KeepNobodyFromTheirTurn()
    {
        await AddAsync("a-refused", "b-vetoed", "c", "d");
        probe.CheckAsync(ProjectSlug.Parse("a-refused"), default, default).ReturnsForAnyArgs(call => call.Arg<ProjectSlug>().Value == "a-refused"
            ? Task.FromException(new ProjectDataMissingException(new Location(LocationKind.Folder, "/hot/a", "/hot")))
            : Task.CompletedTask);
        List<string> taken = [];
        for (int day = 13; day <= 18; day++)
        {
            At($"2026-03-{day}T00:10:00+01:00");
            NightKeeper keeper = Keeper(("TIERING_NIGHT_LIMIT", "1"));
            Night night = await RunAsync(keeper, new DateOnly(2026, 3, day));
            foreach (NightItem item in night.Items.Where(item => item.Status == NightItemStatus.Accepted))
            {
                await FinishAsync(item, item.Project.Value == "b-vetoed"
                    ? new OperationOutcome { Error = new OperationError("not-worth-cooling", "It costs more than it saves."), NothingTouched = true }
                    : new OperationOutcome { Total = new DataSize(1, 5), Copied = new DataSize(1, 5), Proof = "full" });
            }
            (await keeper.SettleAsync(night.Date, default)).Should().BeTrue();
            taken.Add(night.Items.Single().Project.Value);
        }

        taken.Should().Equal("a-refused", "b-vetoed", "c", "d", "a-refused", "b-vetoed");
    }

    [Test]
    public async Task Night_RepeatedFromTheStart_AsksForNothingTwice()
    {
        await AddAsync("a", "b");
        At("2026-03-13T00:10:00+01:00");
        await RunAsync(Keeper());
        await AddAsync("0-later");

        Night again = await RunAsync(Keeper());

        again.Items.Select(item => item.Project.Value).Should().Equal("a", "b");
        (await catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().HaveCount(2);
    }

    [Test]
    public async Task Night_WindowClosesBeforeItsTurn_IsNotStarted()
    {
        await AddAsync("a");
        At("2026-03-13T05:59:59+01:00");
        Night night = await Keeper().OpenAsync(Window, default);
        At("2026-03-13T06:00:00+01:00");

        await Keeper().CoolAsync(client, night, night.Items[0], default);
        bool ended = await Keeper().SettleAsync(Date, default);

        ended.Should().BeTrue();
        Night done = (await nights.FindAsync(Date, default))!;
        (done.Status, done.Items[0].Status).Should().Be((NightStatus.Completed, NightItemStatus.NotStarted));
        (await catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().BeEmpty();
    }

    [Test]
    public async Task Night_OpenedAfterItsWindow_IsMissed()
    {
        await AddAsync("a");
        At("2026-03-13T06:00:00+01:00");

        Night night = await Keeper().OpenAsync(Window, default);

        (night.Status, night.Items.Count).Should().Be((NightStatus.Missed, 0));
    }

    [Test]
    public async Task Settle_SomeHaveEnded_TheNightWaitsForTheLast()
    {
        await AddAsync("a", "b", "c");
        At("2026-03-13T00:10:00+01:00");
        Night night = await RunAsync(Keeper());
        await FinishAsync(night.Items[0], new OperationOutcome { Total = new DataSize(1, 5), Copied = new DataSize(1, 5), Proof = "full" });
        await FinishAsync(night.Items[1], new OperationOutcome { Error = new OperationError("source-changed", "x") });

        (await Keeper().SettleAsync(Date, default)).Should().BeFalse();
        await FinishAsync(night.Items[2], new OperationOutcome { Error = new OperationError(NightKeeper.WindowClosed, "Too late."), NothingTouched = true });
        (await Keeper().SettleAsync(Date, default)).Should().BeTrue();

        Night done = (await nights.FindAsync(Date, default))!;
        done.Items.Select(item => (item.Status, item.Reason)).Should().Equal(
            (NightItemStatus.Succeeded, null), (NightItemStatus.Failed, "source-changed: x"), (NightItemStatus.NotStarted, "Too late."));
        done.Items[0].Size.Should().Be(new DataSize(1, 5));
        done.Summary().Should().Be("3 selected: 1 not started, 1 succeeded, 1 failed");
        (await catalogue.FindProjectAsync(ProjectSlug.Parse("c"), default))!.State.Should().Be(LifecycleState.Hot);
        (await audit.ListAsync(new AuditQuery(), default)).Entries[0].Should().BeEquivalentTo(new { Who = "night", Action = "night", Outcome = "succeeded", Detail = $"2026-03-13: {done.Summary()}" });
    }

    private static NightWindow Window => WindowOf(Date);

    private static NightWindow WindowOf(DateOnly date) => new CoolingWindow(LocalZone.Paris, new TimeOnly(0, 0), new TimeOnly(6, 0)).Of(date);

    private void At(string now) => time.Advance(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture) - time.GetUtcNow());

    /// <summary>A new one each time, as after a restart.</summary>
    private NightKeeper Keeper(params (string Name, string Value)[] settings)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["TIERING_NIGHTLY_COOLING"] = "true",
            ["DATA_BACKEND"] = "folder",
            ["DATA_FOLDER"] = folder.Folder("hot"),
            ["DATA_BACKEND_COOL"] = "folder",
            ["DATA_FOLDER_COOL"] = folder.Folder("cool"),
        };
        foreach ((string name, string value) in settings)
            all[name] = value;
        NotingStarter starter = new();
        OperationIntake intake = new(
            catalogue,
            starter,
            new StorageSettings(all.GetValueOrDefault),
            new BackendSettings(all.GetValueOrDefault),
            new DeliveryStarter(new SqliteOutbox(database, time), starter, time),
            NullLogger<OperationIntake>.Instance);
        NightSettings read = new(all.GetValueOrDefault);
        return new NightKeeper(nights, new NightSelection(nights, read), catalogue, intake, probe, read, time, NullLogger<NightKeeper>.Instance);
    }

    /// <summary>What the orchestration does up to its watch.</summary>
    private async Task<Night> RunAsync(NightKeeper keeper, DateOnly? date = null)
    {
        Night night = await keeper.OpenAsync(WindowOf(date ?? Date), default);
        foreach (NightItem item in night.Items)
            await keeper.CoolAsync(client, night, item, default);
        return (await nights.FindAsync(night.Date, default))!;
    }

    private async Task AddAsync(params string[] slugs)
    {
        SqliteProjectRegister register = new(database, time, LocalZone.Paris);
        await register.RegisterAsync([.. slugs.Select(slug => new ProjectRegistration(ProjectSlug.Parse(slug)) { CreatedAt = time.GetUtcNow().AddYears(-3) })], dryRun: false, Caller.Service, default);
    }

    private async Task<LifecycleOperation> OperationAsync(NightItem item) => (await catalogue.FindOperationAsync(Key(item), default))!;

    private async Task FinishAsync(NightItem item, OperationOutcome outcome)
    {
        if (!outcome.NothingTouched)
            await catalogue.StartAsync(Key(item), default);
        await catalogue.FinishAsync(Key(item), outcome, default);
    }

    private static OperationKey Key(NightItem item) => new(item.Project, OperationType.Cool, item.Operation);
}
