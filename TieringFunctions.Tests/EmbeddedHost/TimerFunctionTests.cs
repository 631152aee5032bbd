using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Timers;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>Timer triggers on a clock that is moved by hand.</summary>
public sealed class TimerFunctionTests
{
    private static readonly DateTimeOffset Noon = new(2030, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task NightlyTimer_RunsAtItsTime_AndNotBefore()
    {
        ManualClock clock = new(Noon);
        Runs runs = new();
        await using TestHost host = await StartAsync(clock, runs);
        await AdvanceUntilAsync(clock, () => !runs.All.IsEmpty);
        TimerRun run = await runs.TakeAsync();
        run.At.Should().Be(Noon.AddHours(14), "two o'clock in the night, UTC");
        run.IsPastDue.Should().BeFalse();
    }

    [Test]
    public async Task NightlyTimer_WithTheMachineOff_IsCaughtUpOnce()
    {
        ManualClock clock = new(Noon);
        Runs runs = new();
        await using TestHost host = await StartAsync(clock, runs);
        await host.Client.GetInstanceAsync("x"); // the host is up
        await WaitForScheduleAsync(host);
        await host.StopAsync();
        clock.Set(Noon.AddDays(3));
        await host.StartAsync();
        TimerRun run = await runs.TakeAsync();
        run.IsPastDue.Should().BeTrue();
        await WaitForScheduleAsync(host, last: Noon.AddDays(3));
        await host.RestartAsync();
        await AdvanceUntilAsync(clock, () => !runs.All.IsEmpty);
        (await runs.TakeAsync()).Should().Be(new TimerRun(Noon.AddDays(3).AddHours(14), false), "what was caught up is not repeated");
    }

    [TestCase("0 0 2 * * *", "2030-05-01T12:00:00", "2030-05-02T02:00:00")]
    [TestCase("*/5 * * * *", "2030-05-01T12:01:00", "2030-05-01T12:05:00")]
    [TestCase("00:30:00", "2030-05-01T12:01:00", "2030-05-01T12:31:00")]
    [TestCase("%Nightly%", "2030-05-01T12:00:00", "2030-05-02T02:00:00")]
    public void Schedule_HasItsNextOccurrence(string text, string after, string expected) =>
        TimerSchedule.Parse(text, Configuration([("Nightly", "0 0 2 * * *")])).Next(Utc(after)).Should().Be(Utc(expected));

    [TestCase("2030-03-31T00:59:00", "2030-03-31T01:00:00", TestName = "Schedule_InTheHourThatSummerTimeSkips_RunsAtItsEnd")]
    [TestCase("2030-10-27T00:15:00", "2030-10-27T00:30:00", TestName = "Schedule_InTheHourThatComesTwice_RunsTheFirstTime")]
    public void Schedule_InATimeZone(string after, string expected) =>
        TimerSchedule.Parse("0 30 2 * * *", Configuration([("WEBSITE_TIME_ZONE", "Europe/Berlin")])).Next(Utc(after)).Should().Be(Utc(expected));

    [TestCase("whenever")]
    [TestCase("%Missing%")]
    public void Schedule_ThatIsNone_IsRefused(string text) =>
        FluentActions.Invoking(() => TimerSchedule.Parse(text, Configuration([]))).Should().Throw<InvalidOperationException>().WithMessage($"*{text.Trim('%')}*");

    private static DateTime Utc(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);

    private static IConfiguration Configuration((string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value))).Build();

    private static Task<TestHost> StartAsync(ManualClock clock, Runs runs) => TestHost.StartAsync(
        builder =>
        {
            builder.Configuration["Nightly"] = "0 0 2 * * *";
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            builder.Services.AddSingleton(runs);
        },
        typeof(Nightly));

    /// <summary>Lets the clock go on by a minute whenever the timer has begun to wait for it: it never runs ahead.</summary>
    private static async Task AdvanceUntilAsync(ManualClock clock, Func<bool> done)
    {
        for (int i = 0; i < 2_000 && !done(); i++)
        {
            int waits = clock.Waits;
            clock.Advance(TimeSpan.FromMinutes(1));
            if (!done() && clock.Waits == waits)
                await Eventually.IsTrueAsync(() => done() || clock.Waits > waits);
        }
        done().Should().BeTrue("it runs within 2,000 minutes");
    }

    private static async Task WaitForScheduleAsync(TestHost host, DateTimeOffset? last = null)
    {
        Tiering.EmbeddedHost.Hosting.TaskHubHost hub = host.Services.GetRequiredService<Tiering.EmbeddedHost.Hosting.TaskHubHost>();
        await Eventually.IsTrueAsync(() => hub.Store.ReadSchedule(nameof(Nightly)) is { } status && (last is null || status.Last == last.Value.UtcDateTime));
    }

    internal sealed record TimerRun(DateTimeOffset At, bool IsPastDue);

    internal sealed class Runs
    {
        private readonly SemaphoreSlim any = new(0);

        public ConcurrentQueue<TimerRun> All { get; } = [];

        public void Add(TimerRun run)
        {
            All.Enqueue(run);
            any.Release();
        }

        public async Task<TimerRun> TakeAsync()
        {
            (await any.WaitAsync(Eventually.Limit)).Should().BeTrue("the timer runs");
            return All.TryDequeue(out TimerRun? run) ? run : throw new InvalidOperationException();
        }
    }

    internal sealed class Nightly(Runs runs, TimeProvider clock)
    {
        [Function(nameof(Nightly))]
        public void Run([TimerTrigger("%Nightly%")] TimerInfo timer) => runs.Add(new(clock.GetUtcNow(), timer.IsPastDue));
    }
}
