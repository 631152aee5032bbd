using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dapper;
using Tiering.Core.Nights;
using Tiering.Functions.Sqlite;

// How long a night's selection takes: catalogue-bench [PROJECTS ...] (100000 1000000). Medians of 15, in milliseconds.
DateOnly today = new(2026, 3, 12);
DateTimeOffset now = new(2026, 3, 12, 0, 0, 0, TimeSpan.Zero);
Console.WriteLine($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors");
Console.WriteLine($"{"projects",10} {"catalogue",-44} {"median",8} {"slowest",8}");
foreach (int projects in args.Length == 0 ? [100_000, 1_000_000] : args.Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
{
    string folder = Directory.CreateTempSubdirectory("catalogue-bench-").FullName;
    try
    {
        await using SqliteDatabase database = new(Path.Combine(folder, "tiering.db"));
        await FillAsync(database, projects);
        await MeasureAsync(database, projects, "a third HOT and due, the oldest are free");
        await database.WriteAsync(connection => connection.Execute("UPDATE projects SET restored_at = '2026-03-01T00:00:00.0000000Z'"), default);
        await MeasureAsync(database, projects, "all that are due were restored lately");
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
    times.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{projects,10} {what,-44} {times[7],8:0.00} {times[^1],8:0.00}"));
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
