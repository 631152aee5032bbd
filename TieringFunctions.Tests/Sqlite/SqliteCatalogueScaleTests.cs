using System.Diagnostics;
using System.Globalization;
using Dapper;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Functions.Sqlite;
using Tiering.Tests.Support;

namespace Tiering.Tests.Sqlite;

/// <summary>
/// The catalogue at the size it is meant for. It asserts that answers are right and prints how long they took; the counts come from
/// TIERING_SCALE_PROJECTS and TIERING_SCALE_OPERATIONS.
/// </summary>
[Category("Long")]
public sealed class SqliteCatalogueScaleTests
{
    private static readonly long Projects = Count("TIERING_SCALE_PROJECTS", 1_000_000);
    private static readonly long Operations = Count("TIERING_SCALE_OPERATIONS", 10_000_000);
    private TempFolder folder = null!;
    private SqliteDatabase database = null!;
    private SqliteCatalogue catalogue = null!;
    private SqliteAudit audit = null!;

    [OneTimeSetUp]
    public async Task FillAsync()
    {
        folder = new TempFolder();
        database = new SqliteDatabase(folder.At("tiering.db"));
        catalogue = new SqliteCatalogue(database, TimeProvider.System, dropIn: false);
        audit = new SqliteAudit(database);
        LifecycleOperation sample = new LifecycleOperation(new OperationKey(ProjectSlug.Parse("p"), OperationType.Cool, Guid.Empty), DateTimeOffset.UnixEpoch)
            .Succeed(DateTimeOffset.UnixEpoch, new DataSize(7, 1024), new DataSize(7, 1024), "full", unwitnessed: false);
        string body = System.Text.Json.JsonSerializer.Serialize(sample, Core.TieringJson.Options)
            .Replace("\"project\":\"p\"", "\"project\":\"@p\"", StringComparison.Ordinal)
            .Replace(Guid.Empty.ToString(), "@id", StringComparison.Ordinal);
        await database.WriteAsync(
            connection => connection.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @Projects)
                INSERT INTO projects (slug, state, added_at, since) SELECT printf('p-%09d', i), 'HOT', '2026-01-01T00:00:00.0000000Z', 0 FROM n
                """,
                new { Projects }),
            default);
        const long Step = 500_000; // a commit of everything would double the file in the write-ahead log
        for (long first = 0; first < Operations; first += Step)
            await AddOperationsAsync(first, Math.Min(first + Step, Operations), body);
    }

    [OneTimeTearDown]
    public async Task RemoveAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Queries_AtFullSize_AreRight()
    {
        ProjectSlug project = ProjectSlug.Parse("p-000000017");
        OperationKey key = (await catalogue.ListOperationsAsync(new OperationQuery(project, Limit: 1), default)).Operations.Single().Key;

        await MeasureAsync("find a project", async () => (await catalogue.FindProjectAsync(project, default)).Should().NotBeNull());
        await MeasureAsync("page of projects", async () => (await catalogue.ListProjectsAsync(project, 100, default)).Should().HaveCount(100));
        await MeasureAsync("find an operation", async () => (await catalogue.FindOperationAsync(key, default)).Should().NotBeNull());
        await MeasureAsync("find by id", async () => (await catalogue.FindOperationsAsync(key.Id, default)).Should().ContainSingle());
        await MeasureAsync("first page of operations", async () => (await catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().HaveCount(100));
        string middle = (Operations / 2).ToString(CultureInfo.InvariantCulture);
        await MeasureAsync("middle page of operations", async () => (await catalogue.ListOperationsAsync(new OperationQuery(Continuation: middle), default)).Operations.Should().HaveCount(100));
        await MeasureAsync("page of failed ones", async () => (await catalogue.ListOperationsAsync(new OperationQuery(Status: OperationStatus.Failed), default)).Operations.Should().HaveCount(100));
        await MeasureAsync("operations of a project", async () => (await catalogue.ListOperationsAsync(new OperationQuery(project), default)).Operations.Should().NotBeEmpty());
        await MeasureAsync("failed ones of a project", async () => (await catalogue.ListOperationsAsync(new OperationQuery(project, OperationStatus.Failed), default)).Operations.Should().NotContain(operation => operation.Key.Project != project));
        await MeasureAsync("unfinished", async () => (await catalogue.ListUnfinishedAsync(default)).Should().BeEmpty());
        await MeasureAsync("audit of a project", async () => (await audit.ListAsync(new AuditQuery("p-1"), default)).Entries.Should().BeEmpty());
    }

    [Test]
    public async Task Accept_FromAHundredCallersAtOnce_AllAreRecorded()
    {
        const int Callers = 100;
        const int Each = 20;
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            List<double> milliseconds = [];
            for (int i = 0; i < Each; i++)
            {
                OperationKey key = new(ProjectSlug.Parse($"p-{(caller * Each) + i:d9}"), OperationType.Cool, Guid.NewGuid());
                Stopwatch watch = Stopwatch.StartNew();
                (await catalogue.AcceptAsync(new OperationRequest(key, "scale"), default)).IsNew.Should().BeTrue();
                milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            }
            return milliseconds;
        })));

        Print("accept, 100 callers", [.. all.SelectMany(times => times)]);
        (await audit.ListAsync(new AuditQuery(Limit: 1000), default)).Entries.Should().HaveCount(1000);
        await database.WriteAsync(connection => connection.Execute("DELETE FROM claims; DELETE FROM operations WHERE status = 'PENDING'"), default);
    }

    private Task<int> AddOperationsAsync(long first, long end, string body) => database.WriteAsync(
        connection => connection.Execute(
            """
            WITH RECURSIVE n(i) AS (SELECT @first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @end),
            rows(project, id, status) AS (
              SELECT printf('p-%09d', i % @Projects), printf('00000000-0000-4000-8000-%012x', i), CASE i % 1000 WHEN 7 THEN 'FAILED' ELSE 'SUCCEEDED' END FROM n)
            INSERT INTO operations (project, type, id, status, body)
            SELECT project, 'COOL', id, status, replace(replace(@body, '@p', project), '@id', id) FROM rows
            """,
            new { first, end, Projects, body }),
        default);

    private static async Task MeasureAsync(string what, Func<Task> query)
    {
        await query();
        List<double> milliseconds = [];
        for (int i = 0; i < 1000; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            await query();
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }
        Print(what, milliseconds);
    }

    private static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        TestContext.Progress.WriteLine(FormattableString.Invariant(
            $"{what}: p50 {milliseconds[milliseconds.Count / 2]:0.00} ms, p99 {milliseconds[(int)(milliseconds.Count * 0.99)]:0.00} ms, max {milliseconds[^1]:0.00} ms"));
    }

    private static long Count(string setting, long count) =>
        long.TryParse(Environment.GetEnvironmentVariable(setting), NumberStyles.None, CultureInfo.InvariantCulture, out long given) ? given : count;
}
