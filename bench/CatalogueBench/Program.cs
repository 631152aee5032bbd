using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Triggers;

// How long a night's selection takes: catalogue-bench [PROJECTS ...] (100000 1000000). Medians of 15, in milliseconds.
// How long an import takes, and what it holds: catalogue-bench import [PROJECTS ...] (100000).
DateOnly today = new(2026, 3, 12);
DateTimeOffset now = new(2026, 3, 12, 0, 0, 0, TimeSpan.Zero);
Console.WriteLine($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors");
if (args is ["import", .. string[] counts])
{
    Console.WriteLine($"{"projects",10} {"",-10} {"seconds",8} {"per second",11} {"peak MB",8} {"more MB",8}");
    foreach (int projects in counts.Length == 0 ? [100_000] : counts.Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
        await InFolderAsync(database => ImportsAsync(database, projects));
    return;
}
Console.WriteLine($"{"projects",10} {"catalogue",-44} {"first",8} {"median",8} {"slowest",8}");
await InFolderAsync(database => MeasureAsync(database, projects: 0, "nothing: loads and compiles the code")); // or the first of the real ones would be charged with it
foreach (int projects in args.Length == 0 ? [100_000, 1_000_000] : args.Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
{
    await InFolderAsync(async database =>
    {
        await FillAsync(database, projects);
        await MeasureAsync(database, projects, "a third HOT and due, the oldest are free");
        await database.WriteAsync(connection => connection.Execute("UPDATE projects SET restored_at = '2026-03-01T00:00:00.0000000Z'"), default);
        await MeasureAsync(database, projects, "all that are due were restored lately");
    });
}

static async Task InFolderAsync(Func<SqliteDatabase, Task> measure)
{
    string folder = Directory.CreateTempSubdirectory("catalogue-bench-").FullName;
    try
    {
        await using SqliteDatabase database = new(Path.Combine(folder, "tiering.db"));
        await measure(database);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

async Task MeasureAsync(SqliteDatabase database, int projects, string what)
{
    SqliteNightStore nights = new(database, TimeProvider.System);
    List<double> times = [];
    for (int i = 0; i < 15; i++)
    {
        long start = Stopwatch.GetTimestamp();
        await nights.SelectAsync(today, now, ["never-*"], limit: 3, default);
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
    double first = times[0];
    times.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{projects,10} {what,-44} {first,8:0.00} {times[7],8:0.00} {times[^1],8:0.00}"));
}

// Through the function itself, with a run for each project; then the same again, which changes nothing.
static async Task ImportsAsync(SqliteDatabase database, int projects)
{
    ImportTriggers triggers = new(new SqliteProjectRegister(database, TimeProvider.System, LocalZone.Paris), new SqliteAudit(database), TimeProvider.System);
    foreach (string what in (string[])["new", "the same"])
    {
        string file = Path.GetTempFileName();
        try
        {
            await using (StreamWriter lines = new(file, append: false, new UTF8Encoding(false)))
            {
                for (int i = 0; i < projects; i++)
                    await lines.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"slug\":\"p-{i:D7}\",\"createdAt\":\"2020-01-01\",\"runs\":[{{\"id\":\"r\",\"end\":\"2020-02-01\"}}]}}"));
            }
            long held = Environment.WorkingSet;
            await using FileStream body = File.OpenRead(file);
            DefaultHttpContext context = new() { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
            context.Request.Body = body;
            context.Response.Body = Stream.Null;
            long start = Stopwatch.GetTimestamp();
            await (await triggers.ImportAsync(context.Request, default)).ExecuteAsync(context);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using Process self = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{projects,10} {what,-10} {seconds,8:0.0} {projects / seconds,11:0} {self.PeakWorkingSet64 >> 20,8} {(self.PeakWorkingSet64 - held) >> 20,8}"));
        }
        finally
        {
            File.Delete(file);
        }
    }
}

static async Task FillAsync(SqliteDatabase database, int projects)
{
    const int Step = 50_000;
    for (int first = 0; first < projects; first += Step)
    {
        var range = new { first, end = Math.Min(first + Step, projects) };
        await database.WriteAsync(
            connection => connection.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT @first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @end)
                INSERT INTO projects (slug, state, added_at, since, created_at, eligible_at)
                SELECT printf('p-%09d', i), CASE i % 2 WHEN 0 THEN 'HOT' ELSE 'COOL' END, '2020-01-01T00:00:00.0000000Z', 0, '2020-01-01T00:00:00.0000000Z',
                       date('2024-01-01', printf('+%d days', (i * 7919) % 1200))
                FROM n
                """,
                range),
            default);
    }
}
