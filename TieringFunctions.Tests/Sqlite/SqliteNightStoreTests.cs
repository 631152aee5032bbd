using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Stores;
using Tiering.Tests.Contracts;
using Tiering.Tests.Support;

namespace Tiering.Tests.Sqlite;

/// <summary>The nights in a real file, and the query that keeps the rules of their selection.</summary>
public sealed class SqliteNightStoreTests : NightStoreContract
{
    private static readonly DateOnly Today = new(2026, 3, 12);
    private TempFolder folder = null!;
    private SqliteDatabase database = null!;

    [TearDown]
    public async Task RemoveAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>The query and the pure rules, which also tell people why, must never disagree.</summary>
    [Test]
    public async Task Select_AnyCatalogue_IsWhatTheRulesSay([Range(1, 5)] int seed)
    {
        Random random = new(seed);
        string[] exclusions = ["x-*", "*-7"];
        await FillAsync(random, projects: 400);

        List<Project> all = [.. await new SqliteCatalogue(database, Time, dropIn: false).ListProjectsAsync(null, 1000, default)];
        IEnumerable<string> expected = all
            .Where(project => NightRules.ObstacleOf(project, Today, Time.GetUtcNow(), exclusions) is null)
            .OrderBy(project => project.CoolingEligibleAt).ThenBy(project => project.Slug.Value, StringComparer.Ordinal)
            .Select(project => project.Slug.Value);

        IReadOnlyList<NightCandidate> selected = await new SqliteNightStore(database, Time).SelectAsync(Today, Time.GetUtcNow(), exclusions, 1000, default);

        selected.Select(candidate => candidate.Project.Value).Should().Equal(expected).And.NotBeEmpty();
        all.Select(project => NightRules.ObstacleOf(project, Today, Time.GetUtcNow(), exclusions)).Distinct().Should().HaveCount(7, "every obstacle, and none, occurs");
    }

    [Test]
    public async Task Select_Plan_IsOneSearchOfTheIndexAlone()
    {
        (string query, DynamicParameters names) = SqliteNightStore.Selection(Today, Time.GetUtcNow(), ["x-*"], 3);

        string[] plan = await database.ReadAsync(
            connection => connection.Query<(long Id, long Parent, long NotUsed, string Detail)>($"EXPLAIN QUERY PLAN {query}", names).Select(row => row.Detail).ToArray(), default);

        plan[0].Should().Be("SEARCH projects USING COVERING INDEX projects_night (eligible_at<?)");
        plan.Should().NotContain(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN projects", StringComparison.Ordinal));
    }

    protected override (INightStore Nights, ICatalogue Catalogue, IProjectRegister Register, IAudit Audit) Create()
    {
        folder = new TempFolder();
        database = new SqliteDatabase(folder.At("tiering.db"));
        return (new SqliteNightStore(database, Time), new SqliteCatalogue(database, Time, dropIn: false), new SqliteProjectRegister(database, Time, LocalZone.Paris), new SqliteAudit(database));
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
                        restored = Maybe(Text.Of(Time.GetUtcNow().AddDays(-30).AddSeconds(random.Next(-1, 2))), 0.3),
                        until = until is { } day ? Text.Of(day) : null,
                        pin = until is null ? null : Text.Json(new ProjectPin("o", Time.GetUtcNow()) { Until = until }),
                    });
                if (random.Next(8) == 0)
                    connection.Execute("INSERT INTO claims (project, holder) VALUES (@slug, 'somebody')", new { slug });
            }
            return 0;
        },
        default);
}
