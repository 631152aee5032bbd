using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The time from a cancellation to the end of AzCopy. It is printed and not judged: five seconds are asked for, of a machine that does nothing else.</summary>
internal static class CancelledAzCopy
{
    /// <param name="service">Whose AzCopy it is.</param>
    /// <param name="cancel">Asks for the cancellation.</param>
    public static async Task WatchAsync(ServiceProcess service, Func<Task> cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Task asked = cancel();
        await service.WaitAsync(() => Task.FromResult(service.ProcessesOf("TIERING_JOB")), left => left.Count == 0, "the end of AzCopy");
        TestContext.Out.WriteLine($"AzCopy had ended {watch.Elapsed.TotalSeconds:0.0} s after the cancellation was asked for");
        await asked;
    }
}
