using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>What the engine tells of its work: traces, metrics, logs.</summary>
[NonParallelizable]
public sealed class TelemetryTests
{
    [Test]
    public async Task Operation_IsOneTrace_AlsoAcrossARestart()
    {
        ConcurrentQueue<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name is Metering.Name or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        string id;
        using (HttpClient http = new())
        {
            using HttpResponseMessage answer = await http.PostAsync(new Uri(host.Address, "/begin"), content: null);
            id = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }
        await Eventually.IsTrueAsync(() => spans.Any(span => span.DisplayName == "activity Before"));
        await host.RestartAsync();
        await host.Client.RaiseEventAsync(id, "go");
        (await host.EndAsync(id)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Completed);
        await Eventually.IsTrueAsync(() => spans.Any(span => span.DisplayName == "run of Parent"));

        Activity orchestration = spans.Single(span => span.DisplayName == "orchestration Parent");
        Activity[] trace = [.. spans.Where(span => span.TraceId == orchestration.TraceId)];
        Activity request = trace.Single(span => span.Kind == ActivityKind.Server);
        trace.Except([request]).Select(span => span.DisplayName).Should().BeEquivalentTo(
            "orchestration Parent", "activity Before", "activity After", "activity InChild", "run of Child", "run of Parent");
        orchestration.ParentSpanId.Should().Be(request.SpanId);
        trace.Except([request, orchestration]).Should().OnlyContain(span => span.ParentSpanId == orchestration.SpanId);
        trace.Single(span => span.DisplayName == "activity After").GetTagItem("durabletask.task.instance_id").Should().Be(id);
    }

    [Test]
    public async Task Metrics_TellOfWhatIsInFlight_OfStepsRetriesAndWhatIsSetAside()
    {
        ConcurrentDictionary<string, double> sums = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == Metering.Name)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => sums[instrument.Name] = Math.Max(value, sums.GetValueOrDefault(instrument.Name)));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => sums[instrument.Name] = value);
        listener.Start();
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero)); // no step takes time, but for the one that never ends
        await using TestHost host = await TestHost.StartAsync(builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(Programs));
        foreach (string id in new[] { "a", "b", "c" })
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Waits), new StartOrchestrationOptions(id));
            await host.Client.WaitForInstanceStartAsync(id);
        }
        string retries = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Retries));
        await Eventually.IsTrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            return (await host.Client.GetInstanceAsync(retries))!.RuntimeStatus == OrchestrationRuntimeStatus.Failed;
        });
        using ManualResetEventSlim end = Programs.Arm();
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.NeverBlocks));
        await Eventually.IsTrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return sums.GetValueOrDefault("taskhub.set_aside") >= 1;
        });
        listener.RecordObservableInstruments();
        end.Set();

        sums["taskhub.instances.live"].Should().Be(4, "three wait, and one was set aside");
        sums["taskhub.retries"].Should().Be(2);
        sums["taskhub.activities"].Should().Be(3);
        sums["taskhub.steps"].Should().BeGreaterThanOrEqualTo(3 + 6);
        sums["taskhub.set_aside"].Should().Be(1);
        sums.Keys.Should().Contain(["taskhub.steps.lag", "taskhub.timers.lag", "taskhub.steps.ready", "taskhub.activities.running", "taskhub.activities.waiting", "taskhub.commits.waiting"]);
    }

    [Test]
    public async Task Logs_OfOrchestratorsAndActivities_CarryTheInstance()
    {
        ScopedLogs logs = new();
        await using TestHost host = await TestHost.StartAsync(
            builder =>
            {
                builder.Logging.AddProvider(logs);
                builder.Services.Configure<EmbeddedHostOptions>(options => options.MaxCachedInstances = 0);
            },
            typeof(Programs));
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Logs), new StartOrchestrationOptions("logged"));
        await host.EndAsync("logged");
        logs.Lines.Should().Equal("begins [InstanceId=logged, Function=Logs]", "works [InstanceId=logged, Function=LogsToo]", "ends [InstanceId=logged, Function=Logs]");
    }

    private static class Programs
    {
        private static ManualResetEventSlim? end;

        public static ManualResetEventSlim Arm() => end = new(initialState: false);

        [Function(nameof(Begin))]
        public static async Task<IResult> Begin(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "begin")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
            Results.Text(await client.ScheduleNewOrchestrationInstanceAsync(nameof(Parent)));

        [Function(nameof(Parent))]
        public static async Task Parent([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync(nameof(Before));
            await context.WaitForExternalEvent<object?>("go");
            await context.CallActivityAsync(nameof(After));
            await context.CallSubOrchestratorAsync(nameof(Child));
        }

        [Function(nameof(Child))]
        public static Task Child([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync(nameof(InChild));

        [Function(nameof(Waits))]
        public static Task<string> Waits([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<string>("never");

        [Function(nameof(Retries))]
        public static Task Retries([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync(nameof(Fails), new TaskOptions(new RetryPolicy(3, TimeSpan.FromMilliseconds(1))));

        [Function(nameof(NeverBlocks))]
        public static void NeverBlocks([OrchestrationTrigger] TaskOrchestrationContext context) => end!.Wait(Eventually.Limit);

        [Function(nameof(Logs))]
        public static async Task Logs([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            ILogger logger = context.CreateReplaySafeLogger("probe");
            logger.LogInformation("begins");
            await context.CallActivityAsync(nameof(LogsToo));
            logger.LogInformation("ends");
        }

        [Function(nameof(LogsToo))]
        public static void LogsToo([ActivityTrigger] object? input, FunctionContext context) => context.GetLogger("probe").LogInformation("works");

        [Function(nameof(Fails))]
        public static void Fails([ActivityTrigger] object? input) => throw new IOException("no");

        [Function(nameof(Before))]
        public static void Before([ActivityTrigger] object? input)
        {
        }

        [Function(nameof(After))]
        public static void After([ActivityTrigger] object? input)
        {
        }

        [Function(nameof(InChild))]
        public static void InChild([ActivityTrigger] object? input)
        {
        }
    }

    /// <summary>Keeps the lines of one category, with what the scopes around them say.</summary>
    private sealed class ScopedLogs : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName == "probe");

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

        public void Dispose()
        {
            // nothing is held
        }

        private sealed class Logger(ScopedLogs logs, bool isKept) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => logs.scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => isKept;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (!isKept)
                    return;
                List<string> values = [];
                logs.scopes.ForEachScope(
                    (scope, found) => found.AddRange((scope as IEnumerable<KeyValuePair<string, object?>> ?? []).Select(pair => $"{pair.Key}={pair.Value}")), values);
                logs.Lines.Enqueue($"{formatter(state, exception)} [{string.Join(", ", values)}]");
            }
        }
    }
}
