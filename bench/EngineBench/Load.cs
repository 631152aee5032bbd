using System.Diagnostics;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Bench;

/// <summary>Runs orchestrations and measures them.</summary>
internal static class Load
{
    /// <summary>Runs so many, always so many at once, and returns how many ended in a second.</summary>
    public static async Task<double> RunAsync(DurableTaskClient client, string name, int inFlight, int count)
    {
        int left = count;
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await OneAsync(client, name);
        }));
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Runs them one after the other, and returns how many milliseconds each took, sorted.</summary>
    public static async Task<double[]> LatenciesAsync(DurableTaskClient client, string name, int count)
    {
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await OneAsync(client, name);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        Array.Sort(times);
        return times;
    }

    public static double Percentile(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    public static double Median(IEnumerable<double> values) => Percentile([.. values.Order()], 50);

    private static async Task OneAsync(DurableTaskClient client, string name)
    {
        string id = await client.ScheduleNewOrchestrationInstanceAsync(name);
        OrchestrationMetadata end = await client.WaitForInstanceCompletionAsync(id);
        if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed)
            throw new InvalidOperationException($"{id} is {end.RuntimeStatus}: {end.FailureDetails}");
    }
}
