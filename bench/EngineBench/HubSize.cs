using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Bench;

/// <summary>The same work in an empty hub and in a full one, in turn: what grows with the hub shows.</summary>
internal static class HubSize
{
    private const int Rounds = 7;
    private const int PerRound = 2_000;
    private const int Steps = 6;
    private const int InstancesPerGroup = 5_000;
    private static readonly DateTime Began = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static async Task<int> RunAsync(int count, string? given)
    {
        string folder = given ?? Path.Combine(Path.GetTempPath(), $"engine-bench-{Environment.ProcessId}");
        string[] hubs = [Directory.CreateDirectory(Path.Combine(folder, "small")).FullName, Directory.CreateDirectory(Path.Combine(folder, "full")).FullName];
        long filling = Stopwatch.GetTimestamp();
        Fill(hubs[0], 1_000);
        Fill(hubs[1], count);
        Console.WriteLine($"machine      {BenchHost.Machine}");
        Print($"filled in    {Stopwatch.GetElapsedTime(filling).TotalSeconds:F0} s; files {Usage.Now(hubs[0]).FileBytes / 1e6:F0} and {Usage.Now(hubs[1]).FileBytes / 1e6:F0} MB");
        Print($"             {1_000,12} {count,12} finished");

        double[] starts = new double[hubs.Length];
        IHost[] hosts = new IHost[hubs.Length];
        for (int i = 0; i < hubs.Length; i++)
        {
            hosts[i] = BenchHost.Build(hubs[i]);
            await hosts[i].StartAsync(); // once for the code
            await hosts[i].StopAsync();
            hosts[i].Dispose();
        }
        for (int i = 0; i < hubs.Length; i++)
        {
            hosts[i] = BenchHost.Build(hubs[i]);
            long began = Stopwatch.GetTimestamp();
            await hosts[i].StartAsync();
            starts[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        Print($"start        {starts[0],9:F1} ms {starts[1],9:F1} ms");

        DurableTaskClient[] clients = [.. hosts.Select(host => host.Services.GetRequiredService<DurableTaskClient>())];
        List<double>[] rates = [[], []];
        List<double>[] alone = [[], []];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < clients.Length; i++)
            {
                rates[i].Add(await Load.RunAsync(clients[i], nameof(Bench.Steps.Five), inFlight: 200, PerRound));
                alone[i].Add(Load.Percentile(await Load.LatenciesAsync(clients[i], nameof(Bench.Steps.Three), 100), 50));
            }
        }
        Print($"per step     {1e6 / (Load.Median(rates[0]) * Steps),9:F1} us {1e6 / (Load.Median(rates[1]) * Steps),9:F1} us of time at 200 in flight (median of {Rounds})");
        Print($"three alone  {Load.Median(alone[0]),9:F2} ms {Load.Median(alone[1]),9:F2} ms (median)");
        await QueriesAsync(clients, count);
        for (int i = 0; i < hubs.Length; i++)
        {
            await hosts[i].StopAsync();
            hosts[i].Dispose();
        }
        if (given is null)
            Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task QueriesAsync(DurableTaskClient[] clients, int count)
    {
        DateTimeOffset middle = new(Began.AddSeconds(count / 2.0));
        (string Name, OrchestrationQuery Query)[] queries =
        [
            ("a page", new()),
            ("prefix", new(InstanceIdPrefix: "done-000042")),
            ("running", new(Statuses: [OrchestrationRuntimeStatus.Running])),
            ("failed", new(Statuses: [OrchestrationRuntimeStatus.Failed])),
            ("time", new(CreatedFrom: middle, CreatedTo: middle.AddHours(1))),
            ("all three", new(CreatedFrom: new DateTimeOffset(Began), Statuses: [OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated], InstanceIdPrefix: "done-0000")),
        ];
        foreach ((string name, OrchestrationQuery query) in queries)
        {
            double[] medians = new double[clients.Length];
            for (int i = 0; i < clients.Length; i++)
                medians[i] = Load.Median(await TimesAsync(clients[i], query));
            Print($"{name,-12} {medians[0],9:F2} ms {medians[1],9:F2} ms (the second page of 100, median of 50)");
        }
    }

    private static async Task<double[]> TimesAsync(DurableTaskClient client, OrchestrationQuery query)
    {
        string? token = null;
        await foreach (var page in client.GetAllInstancesAsync(query).AsPages())
        {
            token = page.ContinuationToken;
            break;
        }
        double[] times = new double[50];
        for (int i = 0; i < times.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await foreach (var page in client.GetAllInstancesAsync(query).AsPages(token))
                break;
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        return times;
    }

    /// <summary>Writes instances that have ended, by the store's own operations, many in one commit.</summary>
    private static void Fill(string folder, int count)
    {
        using SqliteTaskHubStore store = new(Path.Combine(folder, "taskhub.db"));
        store.Open();
        for (int first = 0; first < count; first += InstancesPerGroup)
            store.Commit([.. Enumerable.Range(first, Math.Min(InstancesPerGroup, count - first)).SelectMany(number => Finished(store, number))]);
        store.Close();
    }

    private static IEnumerable<StoreOperation> Finished(SqliteTaskHubStore store, int number)
    {
        DateTime created = Began.AddSeconds(number);
        string id = string.Create(CultureInfo.InvariantCulture, $"done-{number % 10_000:D6}-{number}");
        NewInstance instance = new(store.NextInstance(), id, nameof(Bench.Steps.Five), "", created, new(created, [new ExecutionStarted(null)], []));
        yield return new StartInstance(instance, new HashSet<OrchestrationRuntimeStatus>());
        for (int step = 1; step <= Steps; step++)
        {
            bool last = step == Steps;
            yield return new CommitStep
            {
                Instance = instance.Number,
                Generation = 0,
                Status = !last ? OrchestrationRuntimeStatus.Running : number % 100 == 0 ? OrchestrationRuntimeStatus.Failed : OrchestrationRuntimeStatus.Completed,
                StatusChanges = step == 1 || last,
                Now = created.AddMilliseconds(step),
                Row = (step, new(created, step == 1 ? [] : [new TaskCompleted(step - 2, "1")], last ? [] : [new ActivityScheduled(step - 1, nameof(Bench.Steps.AddOne))])),
                Output = last ? "5" : null,
                Final = last,
            };
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
