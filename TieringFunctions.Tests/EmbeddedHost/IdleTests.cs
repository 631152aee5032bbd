using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Storage;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>A hub with nothing to do does nothing, though orchestrations wait and the clock goes on.</summary>
[NonParallelizable]
public sealed class IdleTests
{
    [Test]
    public async Task Hub_WithNothingToDo_WritesNothing()
    {
        ManualClock clock = new(new(2030, 5, 1, 12, 0, 0, TimeSpan.Zero));
        Programs.Ticks = 0;
        await using TestHost host = await TestHost.StartAsync(builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(Programs));
        foreach (string id in new[] { "event", "timer" })
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync(id == "event" ? nameof(Programs.WaitsForEvent) : nameof(Programs.WaitsForDays), new StartOrchestrationOptions(id));
            await host.Client.WaitForInstanceStartAsync(id);
        }
        await Eventually.IsTrueAsync(() => Store(host).ReadSchedule(nameof(Programs.Nightly)) is not null);
        (int Changes, long Log, DateTime Written) before = State(host);
        for (int tick = 1; tick <= 60; tick++)
        {
            await Eventually.IsTrueAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(20));
                return Volatile.Read(ref Programs.Ticks) >= tick;
            });
        }
        State(host).Should().Be(before, "an hour of waiting leaves no trace on the disk");
        (await host.Client.GetInstanceAsync("timer"))!.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Running);
    }

    private static SqliteTaskHubStore Store(TestHost host) => (SqliteTaskHubStore)host.Services.GetRequiredService<TaskHubHost>().Store;

    private static (int Changes, long Log, DateTime Written) State(TestHost host)
    {
        FileInfo log = new(host.DatabasePath + "-wal");
        return (Store(host).Changes, log.Length, log.LastWriteTimeUtc);
    }

    private static class Programs
    {
        public static int Ticks;

        [Function(nameof(WaitsForEvent))]
        public static Task<string> WaitsForEvent([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<string>("never");

        [Function(nameof(WaitsForDays))]
        public static Task WaitsForDays([OrchestrationTrigger] TaskOrchestrationContext context) => context.CreateTimer(TimeSpan.FromDays(100), CancellationToken.None);

        [Function(nameof(EachMinute))]
        public static void EachMinute([TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer) => Interlocked.Increment(ref Ticks);

        [Function(nameof(Nightly))]
        public static void Nightly([TimerTrigger("0 0 2 * * *")] TimerInfo timer)
        {
        }
    }
}
