using System.Globalization;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Tests.Support;

namespace Tiering.Tests.Contracts;

/// <summary>
/// What every <see cref="INightStore"/> must do, with catalogue, register and audit on the same data; one subclass per adapter supplies them.
/// What a night selects is the rule of Euphrosyne's contract, chapter 11.
/// </summary>
public abstract class NightStoreContract
{
    private static readonly DateOnly Today = new(2026, 3, 12);
    private INightStore nights = null!;
    private ICatalogue catalogue = null!;
    private IProjectRegister register = null!;
    private IAudit audit = null!;

    protected ManualTime Time { get; private set; } = null!;

    /// <summary>Empty stores, in Paris.</summary>
    protected abstract (INightStore Nights, ICatalogue Catalogue, IProjectRegister Register, IAudit Audit) Create();

    [SetUp]
    public void Start()
    {
        Time = new ManualTime(); // 2026-03-12T12:00:00Z
        (nights, catalogue, register, audit) = Create();
    }

    [Test]
    public async Task Select_ManyAreEligible_OldestThreeFirst()
    {
        await AddAsync("d", "2024-01-04");
        await AddAsync("b", "2024-01-02");
        await AddAsync("c2", "2024-01-03");
        await AddAsync("c1", "2024-01-03");
        await AddAsync("e", "2027-01-01");

        (await SelectAsync()).Should().Equal("b", "c1", "c2");
    }

    [Test]
    public async Task Select_NoneWanted_IsEmpty()
    {
        await AddAsync("a", "2024-01-01");

        (await nights.SelectAsync(Today, Time.GetUtcNow(), [], limit: 0, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Select_SaysSinceWhenEachMayGo()
    {
        await AddAsync("a", "2024-01-01");

        NightCandidate candidate = (await nights.SelectAsync(Today, Time.GetUtcNow(), [], limit: 3, default)).Single();

        candidate.Should().Be(new NightCandidate(ProjectSlug.Parse("a"), (await catalogue.FindProjectAsync(ProjectSlug.Parse("a"), default))!.CoolingEligibleAt!.Value));
    }

    [TestCase(-29, false)]
    [TestCase(-30, false, Description = "exactly 30 days ago still blocks")]
    [TestCase(-31, true)]
    public async Task Select_RestoredSomeDaysAgo_WaitsForThirtyDays(int days, bool selected)
    {
        await RestoreAsync("demo", days, succeeds: true);

        (await SelectAsync()).Should().Equal(selected ? ["demo"] : []);
    }

    [Test]
    public async Task Select_FailedRestore_BlocksNothing()
    {
        await RestoreAsync("demo", days: -1, succeeds: false);
        await AddAsync("other", "2024-01-02");

        (await SelectAsync()).Should().Equal("other");
        (await catalogue.FindProjectAsync(ProjectSlug.Parse("demo"), default))!.RestoredAt.Should().BeNull();
    }

    [Test]
    public async Task Select_ActiveCool_Blocks()
    {
        await AddAsync("busy", "2024-01-01");
        await catalogue.AcceptAsync(new OperationRequest(new OperationKey(ProjectSlug.Parse("busy"), OperationType.Cool, Guid.NewGuid()), "o"), default);
        await AddAsync("free", "2024-01-02");

        (await SelectAsync()).Should().Equal("free");
    }

    [Test]
    public async Task Select_PinnedExcludedAndRemoved_AreLeftOut()
    {
        foreach (string slug in (string[])["pinned", "pin-over", "test-1", "odd[1]", "kept", "removed"])
            await AddAsync(slug, "2024-01-01");
        await register.PinAsync(ProjectSlug.Parse("pinned"), until: null, reason: null, Caller.Service, default);
        await register.PinAsync(ProjectSlug.Parse("pin-over"), until: Today, reason: null, Caller.Service, default);
        await catalogue.RemoveProjectAsync(ProjectSlug.Parse("removed"), Caller.Service, default);

        (await SelectAsync("test-*", "odd[1]")).Should().Equal("kept", "pin-over");
    }

    [Test]
    public async Task Open_Repeated_GivesWhatIsRecordedAndIsAuditedOnce()
    {
        Night first = await nights.OpenAsync(NightOf(Today, "a", "b"), default);
        Night second = await nights.OpenAsync(NightOf(Today, "c"), default);

        first.Items.Select(item => item.Project.Value).Should().Equal("a", "b");
        second.Should().BeEquivalentTo(first);
        (await nights.FindAsync(Today, default)).Should().BeEquivalentTo(first);
        (await EntriesAsync()).Should().ContainSingle().Which.Should().Match<AuditEntry>(entry =>
            entry.Outcome == AuditOutcomes.Accepted && entry.Who == NightCaller.Name && entry.Detail == "2026-03-12: 2 selected");
    }

    [Test]
    public async Task Open_Missed_IsAuditedAsFailedAndNotRunning()
    {
        await nights.OpenAsync(NightOf(Today) with { Status = NightStatus.Missed }, default);

        (await nights.ListRunningAsync(default)).Should().BeEmpty();
        (await EntriesAsync()).Single().Should().Match<AuditEntry>(entry => entry.Outcome == AuditOutcomes.Failed && entry.Detail == "2026-03-12: missed: the service was off");
    }

    [Test]
    public async Task Find_NoSuchNight_IsNull() => (await nights.FindAsync(Today, default)).Should().BeNull();

    [Test]
    public async Task List_SeveralNights_NewestFirstInPages()
    {
        for (int day = 0; day < 5; day++)
            await nights.OpenAsync(NightOf(Today.AddDays(-day), "a"), default);

        (await nights.ListAsync(before: null, 2, default)).Select(night => night.Date).Should().Equal(Today, Today.AddDays(-1));
        (await nights.ListAsync(Today.AddDays(-1), 2, default)).Select(night => night.Date).Should().Equal(Today.AddDays(-2), Today.AddDays(-3));
        (await nights.ListAsync(Today.AddDays(-3), 2, default)).Select(night => night.Date).Should().Equal(Today.AddDays(-4));
        (await nights.ListAsync(Today.AddDays(-4), 2, default)).Should().BeEmpty();
    }

    [TestCase(0)]
    [TestCase(1001)]
    public async Task List_LimitOutOfRange_IsRefused(int limit) =>
        await FluentActions.Awaiting(() => nights.ListAsync(before: null, limit, default)).Should().ThrowAsync<InvalidFieldException>();

    [Test]
    public async Task ListRunning_CompletedAndMissed_AreNotAmongThem()
    {
        await nights.OpenAsync(NightOf(Today, "a"), default);
        await nights.OpenAsync(NightOf(Today.AddDays(-1), "a"), default);
        await nights.OpenAsync(NightOf(Today.AddDays(-2)) with { Status = NightStatus.Missed }, default);
        await nights.CompleteAsync(Today.AddDays(-1), default);

        (await nights.ListRunningAsync(default)).Select(night => night.Date).Should().Equal(Today);
    }

    [Test]
    public async Task SetItem_OfOneProject_TakesItsPlaceOnly()
    {
        Night night = await nights.OpenAsync(NightOf(Today, "a", "b", "c"), default);
        NightItem changed = night.Items[1] with { Status = NightItemStatus.Failed, Reason = "x: y", Size = new DataSize(3, 1_000_000) };

        await nights.SetItemAsync(Today, changed, default);
        await nights.SetItemAsync(Today, changed, default);
        await nights.SetItemAsync(Today.AddDays(1), changed, default); // there is no such night

        (await nights.FindAsync(Today, default))!.Items.Should().Equal(night.Items[0], changed, night.Items[2]);
    }

    [Test]
    public async Task SetItem_AllAtOnce_LosesNone()
    {
        string[] slugs = [.. Enumerable.Range(0, 8).Select(number => FormattableString.Invariant($"p{number}"))];
        Night night = await nights.OpenAsync(NightOf(Today, slugs), default);

        await Task.WhenAll(night.Items.Select(item => nights.SetItemAsync(Today, item with { Status = NightItemStatus.Accepted }, default)));

        (await nights.FindAsync(Today, default))!.Items.Select(item => item.Status).Should().OnlyContain(status => status == NightItemStatus.Accepted);
    }

    [Test]
    public async Task Complete_RunningNight_EndsOnceAndForGood()
    {
        Night night = await nights.OpenAsync(NightOf(Today, "a"), default);
        DateTimeOffset end = Time.GetUtcNow();

        await nights.CompleteAsync(Today, default);
        Time.Advance(TimeSpan.FromHours(1));
        await nights.CompleteAsync(Today, default);
        await nights.SetItemAsync(Today, night.Items[0] with { Status = NightItemStatus.Failed }, default);

        Night ended = (await nights.FindAsync(Today, default))!;
        (ended.Status, ended.FinishedAt, ended.Items[0].Status).Should().Be((NightStatus.Completed, end, NightItemStatus.Selected));
        (await EntriesAsync()).Select(entry => entry.Outcome).Should().Equal(AuditOutcomes.Succeeded, AuditOutcomes.Accepted);
    }

    [Test]
    public async Task EnabledSince_UntilDisabled_StaysTheSame()
    {
        DateTimeOffset first = Time.GetUtcNow();

        (await nights.EnabledSinceAsync(default)).Should().Be(first);
        Time.Advance(TimeSpan.FromDays(2));
        (await nights.EnabledSinceAsync(default)).Should().Be(first);
        await nights.DisableAsync(default);
        await nights.DisableAsync(default);
        (await nights.EnabledSinceAsync(default)).Should().Be(Time.GetUtcNow());
    }

    private static Night NightOf(DateOnly date, params string[] slugs)
    {
        DateTimeOffset opens = new(date, new TimeOnly(23, 0), TimeSpan.Zero);
        return new Night(date, opens, opens.AddHours(6), NightStatus.Running)
        {
            StartedAt = opens,
            Limit = 3,
            Items = [.. slugs.Select(slug => new NightItem(ProjectSlug.Parse(slug), Guid.NewGuid(), NightItemStatus.Selected) { EligibleAt = date })],
        };
    }

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync() =>
        [.. (await audit.ListAsync(new AuditQuery(), default)).Entries.Where(entry => entry.Action == AuditActions.Night)];

    private async Task<IEnumerable<string>> SelectAsync(params string[] exclusions) =>
        (await nights.SelectAsync(Today, Time.GetUtcNow(), exclusions, limit: 3, default)).Select(candidate => candidate.Project.Value);

    private Task<IReadOnlyList<Registered>> AddAsync(string slug, string embargo, LifecycleState state = LifecycleState.Hot)
    {
        ProjectRun run = new("1") { Embargo = DateOnly.Parse(embargo, CultureInfo.InvariantCulture) };
        return register.RegisterAsync([new ProjectRegistration(ProjectSlug.Parse(slug), state) { Runs = [run] }], dryRun: false, Caller.Service, default);
    }

    /// <summary>A project that was COOL, and whose RESTORE ended so many days before now.</summary>
    private async Task RestoreAsync(string slug, int days, bool succeeds)
    {
        Time.Advance(TimeSpan.FromDays(days));
        await AddAsync(slug, "2024-01-01", LifecycleState.Cool);
        OperationKey key = new(ProjectSlug.Parse(slug), OperationType.Restore, Guid.NewGuid());
        await catalogue.AcceptAsync(new OperationRequest(key, "o"), default);
        await catalogue.StartAsync(key, default);
        OperationOutcome outcome = succeeds
            ? new OperationOutcome { Total = new DataSize(1, 1), Copied = new DataSize(1, 1), Proof = "full" }
            : new OperationOutcome { Error = new OperationError("x", "x") };
        await catalogue.FinishAsync(key, outcome, default);
        Time.Advance(TimeSpan.FromDays(-days));
    }
}
