using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Bench;

/// <summary>How fast the engine is, and what a step costs.</summary>
internal static class Speed
{
    private const int Runs = 7;
    private const int PerRun = 5_000;
    private const double StepsEach = 6;

    public static async Task<int> RunAsync(string? given)
    {
        string folder = given ?? Path.Combine(Path.GetTempPath(), $"engine-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        double commit = CommitProbe.MedianMilliseconds(folder);
        using CommitCount commits = new();
        List<double> rates = [];
        double[] alone;
        Usage before, after;
        long commitsBefore, commitsAfter;
        using (IHost host = BenchHost.Build(folder))
        {
            await host.StartAsync();
            DurableTaskClient client = host.Services.GetRequiredService<DurableTaskClient>();
            await Load.RunAsync(client, nameof(Steps.Five), inFlight: 50, count: 500);
            (before, commitsBefore) = (Usage.Now(folder), commits.Commits);
            for (int run = 0; run < Runs; run++)
                rates.Add(await Load.RunAsync(client, nameof(Steps.Five), inFlight: 200, PerRun));
            (after, commitsAfter) = (Usage.Now(folder), commits.Commits);
            alone = await Load.LatenciesAsync(client, nameof(Steps.Three), 1_000);
            await host.StopAsync();
        }
        const double AllSteps = Runs * PerRun * StepsEach;
        (double rows, double bytes) = History(folder);
        Print($"machine      {BenchHost.Machine}");
        Print($"one commit   {commit:F3} ms (median of single fsynced commits)");
        Print($"five steps   {Load.Median(rates):F0}/s at 200 in flight (runs: {string.Join(", ", rates.Select(rate => rate.ToString("F0", CultureInfo.InvariantCulture)))})");
        Print($"three alone  p50 {Load.Percentile(alone, 50):F2} ms, p99 {Load.Percentile(alone, 99):F2} ms; allowed: {(4 * commit) + 1:F2} and {3 * ((4 * commit) + 1):F2} ms");
        Print($"per step     {(after.Cpu - before.Cpu).TotalMilliseconds * 1000 / AllSteps:F0} us CPU, {(commitsAfter - commitsBefore) / AllSteps:F4} commits (one fsync each), {(after.Written - before.Written) / AllSteps:F0} bytes written to the disk, {bytes / rows:F0} bytes of history");
        Print($"memory       {after.Memory / 1e6:F0} MB; file {after.FileBytes / 1e6:F0} MB");
        if (given is null)
            Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static (double Rows, double Bytes) History(string folder)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(folder, "taskhub.db")};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*), sum(length(data)) FROM history WHERE row > 0";
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetDouble(0), reader.GetDouble(1));
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
