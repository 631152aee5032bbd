using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Stores;
using Tiering.Tests.Support;

namespace Tiering.Tests.Nights;

/// <summary>What a night selects from a real catalogue: the rules of Euphrosyne's contract, chapter 11, and the query that keeps them.</summary>
public sealed class NightSelectionTests
{
    private static readonly DateOnly Today = new(2026, 3, 12);
    private TempFolder folder = null!;
    private ManualTime time = null!;
    private SqliteDatabase database = null!;
    private SqliteCatalogue catalogue = null!;
    private SqliteProjectRegister register = null!;
    private SqliteNightStore nights = null!;

    [SetUp]
    public void Start()
    {
        folder = new TempFolder();
        time = new ManualTime(); // 2026-03-12T12:00:00Z
        database = new SqliteDatabase(folder.At("tiering.db"));
        catalogue = new SqliteCatalogue(database, time, dropIn: false);
        register = new SqliteProjectRegister(database, time, LocalZone.Paris);
        nights = new SqliteNightStore(database, time);
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
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
    public async Task Select_PinnedAndExcluded_AreLeftOut()
    {
        foreach (string slug in (string[])["pinned", "pin-over", "test-1", "odd[1]", "kept"])
            await AddAsync(slug, "2024-01-01");
        await register.PinAsync(ProjectSlug.Parse("pinned"), until: null, reason: null, Caller.Service, default);
        await register.PinAsync(ProjectSlug.Parse("pin-over"), until: Today, reason: null, Caller.Service, default);

        (await SelectAsync("test-*", "odd[1]")).Should().Equal("kept", "pin-over");
    }

    /// <summary>The query and the pure rules, which also tell people why, must never disagree.</summary>
    [Test]
    public async Task Select_AnyCatalogue_IsWhatTheRulesSay([Range(1, 5)] int seed)
    {
        Random random = new(seed);
        string[] exclusions = ["x-*", "*-7"];
        await FillAsync(random, projects: 400);

        List<Project> all = [.. await catalogue.ListProjectsAsync(null, 1000, default)];
        IEnumerable<string> expected = all
            .Where(project => NightRules.ObstacleOf(project, Today, time.GetUtcNow(), exclusions) is null)
            .OrderBy(project => project.CoolingEligibleAt).ThenBy(project => project.Slug.Value, StringComparer.Ordinal)
            .Select(project => project.Slug.Value);

        IReadOnlyList<NightCandidate> selected = await nights.SelectAsync(Today, time.GetUtcNow(), exclusions, 1000, default);

        selected.Select(candidate => candidate.Project.Value).Should().Equal(expected).And.NotBeEmpty();
        all.Select(project => NightRules.ObstacleOf(project, Today, time.GetUtcNow(), exclusions)).Distinct().Should().HaveCount(7, "every obstacle, and none, occurs");
    }

    [Test]
    public async Task Select_Plan_IsOneSearchOfTheIndexAlone()
    {
        (string query, DynamicParameters names) = SqliteNightStore.Selection(Today, time.GetUtcNow(), ["x-*"], 3);

        string[] plan = await database.ReadAsync(
            connection => connection.Query<(long Id, long Parent, long NotUsed, string Detail)>($"EXPLAIN QUERY PLAN {query}", names).Select(row => row.Detail).ToArray(), default);

        plan[0].Should().Be("SEARCH projects USING COVERING INDEX projects_night (eligible_at<?)");
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN projects", StringComparison.Ordinal));
    }

    private async Task<IEnumerable<string>> SelectAsync(params string[] exclusions) =>
        (await nights.SelectAsync(Today, time.GetUtcNow(), exclusions, limit: 3, default)).Select(candidate => candidate.Project.Value);

    private Task<IReadOnlyList<Registered>> AddAsync(string slug, string embargo, LifecycleState state = LifecycleState.Hot)
    {
        ProjectRun run = new("1") { Embargo = DateOnly.Parse(embargo, System.Globalization.CultureInfo.InvariantCulture) };
        return register.RegisterAsync([new ProjectRegistration(ProjectSlug.Parse(slug), state) { Runs = [run] }], dryRun: false, Caller.Service, default);
    }

    /// <summary>A project that was COOL, and whose RESTORE ended so many days before now.</summary>
    private async Task RestoreAsync(string slug, int days, bool succeeds)
    {
        time.Advance(TimeSpan.FromDays(days));
        await AddAsync(slug, "2024-01-01", LifecycleState.Cool);
        OperationKey key = new(ProjectSlug.Parse(slug), OperationType.Restore, Guid.NewGuid());
        await catalogue.AcceptAsync(new OperationRequest(key, "o"), default);
        await catalogue.StartAsync(key, default);
        OperationOutcome outcome = succeeds
            ? new OperationOutcome { Total = new DataSize(1, 1), Copied = new DataSize(1, 1), Proof = "full" }
            : new OperationOutcome { Error = new OperationError("x", "x") };
        await catalogue.FinishAsync(key, outcome, default);
        time.Advance(TimeSpan.FromDays(-days));
    }

    private Task<int> FillAsync(Random random, int projects) => database.WriteAsync(
        connection =>
        {
            string? Maybe(string text, double share) => random.NextDouble() < share ? text : null;
            for (int i = 0; i < projects; i++)
            {
                string slug = $"{(random.Next(4) == 0 ? "x" : "p")}-{i}";
                string state = random.Next(5) == 0 ? "COOL" : "HOT";
                DateOnly? until = random.Next(6) == 0 ? Today.AddDays(random.Next(-1, 2)) : null;
                connection.Execute(
                    """
                    INSERT INTO projects (slug, state, added_at, since, created_at, eligible_at, restored_at, pinned_until, pin)
                    VALUES (@slug, @state, @at, 0, @at, @eligible, @restored, @until, @pin)
                    """,
                    new
                    {
                        slug,
                        state,
                        at = "2020-01-01T00:00:00.0000000Z",
                        eligible = Maybe(Text.Of(Today.AddDays(random.Next(-3, 2))), 0.95),
                        restored = Maybe(Text.Of(time.GetUtcNow().AddDays(-30).AddSeconds(random.Next(-1, 2))), 0.3),
                        until = until is { } day ? Text.Of(day) : null,
                        pin = until is null ? null : Text.Json(new ProjectPin("o", time.GetUtcNow()) { Until = until }),
                    });
                if (random.Next(8) == 0)
                    connection.Execute("INSERT INTO claims (project, holder) VALUES (@slug, 'somebody')", new { slug });
            }
            return 0;
        },
        default);
}
