using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>The fault table of the embedded host's README, line by line, where it needs no second process.</summary>
public sealed class FaultTests
{
    [Test]
    public async Task TaskHub_InUse_IsRefusedToASecondHost()
    {
        await using TestHost first = await TestHost.StartAsync(typeof(Programs));
        Func<Task> second = () => TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.DatabasePath = first.DatabasePath), typeof(Programs));
        (await second.Should().ThrowAsync<TaskHubUnavailableException>()).WithMessage("*in use by another process*");
    }

    [Test]
    public async Task TaskHub_OfANewerVersion_IsRefused()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        await host.StopAsync();
        Execute(host, "PRAGMA user_version = 99");
        await host.Awaiting(stopped => stopped.StartAsync()).Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*version 99*");
    }

    [Test]
    public async Task Store_LockedByAnotherProgram_FailsRequests_AndGoesOnByItself()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        Gate.Reset();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForGate));
        await Gate.Entered();
        using (SqliteConnection thief = Open(host))
        {
            using SqliteCommand command = thief.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            Gate.Open();
            await host.Awaiting(up => up.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForGate)))
                .Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*locked*");
            Health(host).Status.Should().Be(HealthStatus.Unhealthy);
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("through", "what was done meanwhile is not lost");
        Health(host).Status.Should().Be(HealthStatus.Healthy);
    }

    [Test]
    public async Task Store_OnAFullDisk_FailsRequests_AndGoesOnWhenThereIsSpace()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        await host.StopAsync();
        Execute(host, "PRAGMA journal_mode = WAL");
        await host.StartAsync();
        Hinder(host, "PRAGMA max_page_count = 1");
        await host.Awaiting(full => full.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Echo), new string('x', 200_000)))
            .Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*full*");
        Hinder(host, "PRAGMA max_page_count = 1000000");
        (await host.RunAsync(nameof(Programs.Echo), "y")).ReadOutputAs<string>().Should().Be("y");
    }

    [Test]
    public async Task Store_ThatIsReadOnly_FailsRequests_KeepsWork_AndGoesOnByItself()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        Gate.Reset();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForGate));
        await Gate.Entered();
        Hinder(host, "PRAGMA query_only = 1");
        Gate.Open();
        (await host.Awaiting(up => up.Client.RaiseEventAsync(id, "go")).Should().ThrowAsync<TaskHubUnavailableException>()).WithMessage("*cannot be written*");
        Health(host).Status.Should().Be(HealthStatus.Unhealthy);
        (await host.Client.GetInstanceAsync(id))!.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Running, "reading goes on");
        Hinder(host, "PRAGMA query_only = 0");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("through");
    }

    [Test]
    public async Task Log_ThatLostItsLastWrites_IsReadToTheLastWholeCommit()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        for (int i = 0; i < 12; i++)
            await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.EchoThenWaits), $"{i}", new StartOrchestrationOptions($"i{i}"));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        for (int i = 0; i < 12; i++) // they wait, and nothing is written any more
            await Eventually.IsTrueAsync(() => administration.Inspect($"i{i}").Any(line => line.Contains("returned", StringComparison.Ordinal)));
        byte[] database = await File.ReadAllBytesAsync(host.DatabasePath);
        byte[] log = await File.ReadAllBytesAsync(host.DatabasePath + "-wal");
        await host.StopAsync();
        int most = 0;
        foreach (int part in new[] { 100, 97, 90, 80, 60, 40, 20 })
        {
            // Power was lost: the end of the log never reached the disk, and what is there in its place was never written.
            byte[] torn = log[..(log.Length * part / 100)];
            Array.Fill(torn, (byte)0x5A, torn.Length - Math.Min(700, torn.Length / 2), Math.Min(700, torn.Length / 2));
            await File.WriteAllBytesAsync(host.DatabasePath, database);
            await File.WriteAllBytesAsync(host.DatabasePath + "-wal", torn);
            File.Delete(host.DatabasePath + "-shm");
            await host.StartAsync();
            int found = 0;
            await foreach (OrchestrationMetadata instance in host.Client.GetAllInstancesAsync())
            {
                found++;
                await host.Client.RaiseEventAsync(instance.InstanceId, "go", "on");
                (await host.EndAsync(instance.InstanceId)).ReadOutputAs<string>().Should().Be(instance.InstanceId[1..] + "on");
            }
            host.Services.GetRequiredService<TaskHubAdministration>().ListSetAside().Should().BeEmpty();
            (most == 0 || found <= most).Should().BeTrue("what was lost is the end, and nothing else");
            most = found;
            await host.StopAsync();
        }
    }

    [Test]
    public async Task Clock_SetForth_FiresWhatIsDueWithinAMinute()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(Programs));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.TwoTimers));
        await host.Client.WaitForInstanceStartAsync(id);
        clock.Set(clock.GetUtcNow() + TimeSpan.FromHours(5));
        clock.Advance(TimeSpan.FromMinutes(1));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        await Eventually.IsTrueAsync(() =>
        {
            clock.Advance(TimeSpan.Zero); // what was not yet waited for then fires now
            return administration.Inspect(id).Any(line => line.Contains("timer #0 fired", StringComparison.Ordinal));
        });
    }

    [Test]
    public async Task Files_AreReadableByTheirOwnerOnly()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        await host.RunAsync(nameof(Programs.Echo), "x");
        string copy = host.DatabasePath + ".copy";
        await host.Services.GetRequiredService<TaskHubAdministration>().BackUpAsync(copy);
        foreach (string file in new[] { host.DatabasePath, host.DatabasePath + "-wal", host.DatabasePath + "-shm", host.DatabasePath + ".lock", copy })
            File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Test]
    public async Task Row_ThatIsDamaged_SetsItsInstanceAside_AndNoOther()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        string bad = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForEvent));
        string good = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForEvent));
        await host.Client.WaitForInstanceStartAsync(bad);
        await host.Client.WaitForInstanceStartAsync(good);
        await host.StopAsync();
        byte[] data = (byte[])Execute(host, $"SELECT data FROM history WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1")!;
        data[3] ^= 0x10;
        Execute(host, $"UPDATE history SET data = x'{Convert.ToHexString(data)}' WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1");
        await host.StartAsync();
        await host.Client.RaiseEventAsync(bad, "go", "b");
        await host.Client.RaiseEventAsync(good, "go", "g");
        (await host.EndAsync(good)).ReadOutputAs<string>().Should().Be("g");
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        SetAsideInstance held = await SetAsideAsync(administration);
        held.InstanceId.Should().Be(bad);
        held.Reason.Should().Contain("checksum");
        administration.Inspect(bad).Should().Contain(line => line.Contains("checksum", StringComparison.Ordinal));
        Health(host).Status.Should().Be(HealthStatus.Degraded);

        data[3] ^= 0x10;
        Execute(host, $"UPDATE history SET data = x'{Convert.ToHexString(data)}' WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1");
        await administration.ReleaseAsync(bad);
        (await host.EndAsync(bad)).ReadOutputAs<string>().Should().Be("b", "what it was told while it was held is told then");
    }

    [Test]
    public async Task SetAside_CanBeTerminated()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(Programs));
        using ManualResetEventSlim end = Programs.Endless.Arm();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.NeverBlocks));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        (await SetAsideAsync(administration, () => clock.Advance(TimeSpan.FromMinutes(1)))).Reason.Should().Contain("without waiting");
        (await host.RunAsync(nameof(Programs.Echo), "others")).ReadOutputAs<string>().Should().Be("others", "the others go on");
        end.Set();
        await host.Client.TerminateInstanceAsync(id, "enough");
        (await host.EndAsync(id)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Terminated);
    }

    [Test]
    public async Task Activity_ThatHangs_FailsWithATimeout_AndIsRetried()
    {
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.ActivityTimeout = TimeSpan.FromMilliseconds(100)), typeof(Programs));
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.CallsHanging));
        end.ReadOutputAs<string>().Should().Be($"{typeof(TimeoutException).FullName} after 2");
    }

    [Test]
    public async Task Payload_ThatIsTooLarge_FailsItsCall()
    {
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.MaxPayloadCharacters = 1_000), typeof(Programs));
        (await host.RunAsync(nameof(Programs.CallsLarge))).ReadOutputAs<string>().Should().Contain("at most 1000 are allowed");
        await host.Awaiting(up => up.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Echo), new string('x', 2_000)))
            .Should().ThrowAsync<PayloadTooLargeException>();
    }

    [Test]
    public async Task Orchestrator_ThatAsksWithoutEnd_Fails() =>
        (await RunAloneAsync(nameof(Programs.AsksWithoutEnd))).FailureDetails!.ErrorMessage.Should().Contain("seems to loop");

    [Test]
    public async Task Replay_ThatNoLongerMatches_FailsTheInstance_NamingBoth()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        Programs.Variant = "Echo";
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Changes));
        await Eventually.IsTrueAsync(() => host.Services.GetRequiredService<TaskHubAdministration>().Inspect(id).Count >= 3);
        await host.StopAsync();
        Programs.Variant = "Other";
        await host.StartAsync();
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        administration.CheckReplays().Should().ContainSingle().Which.Reason.Should().Contain("'EchoActivity'").And.Contain("'OtherActivity'");
        await host.Client.RaiseEventAsync(id, "go", "x");
        OrchestrationMetadata end = await host.EndAsync(id);
        end.FailureDetails!.ErrorType.Should().Be(typeof(NonDeterministicOrchestrationException).FullName);

        Programs.Variant = "Echo"; // the code is put right
        await host.Client.RewindInstanceAsync(id, "put right");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("x");
    }

    [Test]
    public async Task Rewind_CallsWhatFailedAgain_AndNothingElse()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        Programs.Calls.Clear();
        Programs.Broken = true;
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.SecondFails));
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed);
        Programs.Broken = false;
        await host.Client.RewindInstanceAsync(end.InstanceId, "repaired");
        (await host.EndAsync(end.InstanceId)).ReadOutputAs<string>().Should().Be("first second");
        Programs.Calls.Should().Equal("first", "second", "second");
    }

    [Test]
    public async Task Clock_SetBack_DelaysTimers_AndNeverTurnsTimeBack()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(Programs));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.TwoTimers));
        await host.Client.WaitForInstanceStartAsync(id);
        clock.Set(clock.GetUtcNow() - TimeSpan.FromHours(5));
        await Eventually.IsTrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMinutes(20));
            return (await host.Client.GetInstanceAsync(id))!.IsCompleted;
        });
        DateTime[] times = (await host.EndAsync(id)).ReadOutputAs<DateTime[]>()!;
        times.Should().BeInAscendingOrder();
        (times[2] - times[0]).Should().BeGreaterThanOrEqualTo(TimeSpan.FromHours(2));
    }

    [Test]
    public async Task BackUp_TakenWhileItRuns_CanBeRestored()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsForEvent));
        await host.Client.WaitForInstanceStartAsync(id);
        string copy = host.DatabasePath + ".copy";
        await host.Services.GetRequiredService<TaskHubAdministration>().BackUpAsync(copy);
        await host.Client.TerminateInstanceAsync(id);
        await host.EndAsync(id);
        await host.StopAsync();
        foreach (string file in new[] { "", "-wal", "-shm" })
            File.Delete(host.DatabasePath + file);
        File.Move(copy, host.DatabasePath);
        await host.StartAsync();
        await host.Client.RaiseEventAsync(id, "go", "restored");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("restored", "it stands where it stood when the copy was taken");
    }

    private static async Task<OrchestrationMetadata> RunAloneAsync(string name)
    {
        await using TestHost host = await TestHost.StartAsync(typeof(Programs));
        return await host.RunAsync(name);
    }

    private static HealthCheckResult Health(TestHost host) => host.Services.GetRequiredService<TaskHubHealthCheck>().Check();

    private static async Task<SetAsideInstance> SetAsideAsync(TaskHubAdministration administration, Action? meanwhile = null)
    {
        await Eventually.IsTrueAsync(() =>
        {
            meanwhile?.Invoke();
            return administration.ListSetAside().Count > 0;
        });
        return administration.ListSetAside().Single();
    }

    private static SqliteConnection Open(TestHost host)
    {
        SqliteConnection connection = new($"Data Source={host.DatabasePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private static object? Execute(TestHost host, string sql)
    {
        using SqliteConnection connection = Open(host);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Hinder(TestHost host, string pragma) =>
        host.Services.GetRequiredService<Tiering.EmbeddedHost.Hosting.TaskHubHost>().Hinder(pragma);

    /// <summary>Holds an activity until a test lets it go.</summary>
    private static class Gate
    {
        private static TaskCompletionSource entered = new();
        private static TaskCompletionSource open = new();

        public static void Reset()
        {
            entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public static Task Entered() => entered.Task.WaitAsync(TestHost.Patience);

        public static void Open() => open.SetResult();

        public static async Task PassAsync()
        {
            entered.TrySetResult();
            await open.Task;
        }
    }

    internal static class Programs
    {
        private static int hangs;

        public static string Variant { get; set; } = "Echo";

        public static bool Broken { get; set; }

        public static ConcurrentQueue<string> Calls { get; } = [];

        [Function(nameof(Echo))]
        public static Task<string> Echo([OrchestrationTrigger] TaskOrchestrationContext context, string text) =>
            context.CallActivityAsync<string>(nameof(EchoActivity), text);

        [Function(nameof(WaitsForGate))]
        public static Task<string> WaitsForGate([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(GateActivity));

        [Function(nameof(WaitsForEvent))]
        public static Task<string> WaitsForEvent([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<string>("go");

        [Function(nameof(EchoThenWaits))]
        public static async Task<string> EchoThenWaits([OrchestrationTrigger] TaskOrchestrationContext context, string text) =>
            await context.CallActivityAsync<string>(nameof(EchoActivity), text) + await context.WaitForExternalEvent<string>("go");

        [Function(nameof(NeverBlocks))]
        public static string NeverBlocks([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            Endless.Wait();
            return "ended";
        }

        [Function(nameof(CallsHanging))]
        public static async Task<string> CallsHanging([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                await context.CallActivityAsync(nameof(HangActivity), new TaskOptions(new RetryPolicy(2, TimeSpan.FromMilliseconds(1))));
                return "";
            }
            catch (TaskFailedException failed)
            {
                return $"{failed.FailureDetails.ErrorType} after {Volatile.Read(ref hangs)}";
            }
        }

        [Function(nameof(CallsLarge))]
        public static async Task<string> CallsLarge([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                return await context.CallActivityAsync<string>(nameof(LargeActivity));
            }
            catch (TaskFailedException failed)
            {
                return failed.Message;
            }
        }

        [Function(nameof(AsksWithoutEnd))]
        public static void AsksWithoutEnd([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            while (true)
                context.SendEvent("nobody", "x", 1);
        }

        [Function(nameof(Changes))]
        public static async Task<string> Changes([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync(Variant + "Activity", "x");
            return await context.WaitForExternalEvent<string>("go");
        }

        [Function(nameof(SecondFails))]
        public static async Task<string> SecondFails([OrchestrationTrigger] TaskOrchestrationContext context) =>
            await context.CallActivityAsync<string>(nameof(CountedActivity), "first") + " " + await context.CallActivityAsync<string>(nameof(CountedActivity), "second");

        [Function(nameof(TwoTimers))]
        public static async Task<DateTime[]> TwoTimers([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            DateTime first = context.CurrentUtcDateTime;
            await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            DateTime second = context.CurrentUtcDateTime;
            await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            return [first, second, context.CurrentUtcDateTime];
        }

        [Function(nameof(EchoActivity))]
        public static string EchoActivity([ActivityTrigger] string text) => text;

        [Function(nameof(OtherActivity))]
        public static string OtherActivity([ActivityTrigger] string text) => text;

        [Function(nameof(GateActivity))]
        public static async Task<string> GateActivity([ActivityTrigger] object? input)
        {
            await Gate.PassAsync();
            return "through";
        }

        [Function(nameof(HangActivity))]
        public static async Task HangActivity([ActivityTrigger] object? input)
        {
            Interlocked.Increment(ref hangs);
            await new TaskCompletionSource().Task; // it does not even look at its cancellation token
        }

        [Function(nameof(LargeActivity))]
        public static string LargeActivity([ActivityTrigger] object? input) => new('x', 5_000);

        [Function(nameof(CountedActivity))]
        public static string CountedActivity([ActivityTrigger] string name)
        {
            Calls.Enqueue(name);
            return Broken && name == "second" ? throw new InvalidOperationException("broken") : name;
        }

        /// <summary>A computation that ends when the test says so.</summary>
        public static class Endless
        {
            private static ManualResetEventSlim? end;

            public static ManualResetEventSlim Arm() => end = new(initialState: false);

            public static void Wait() => end!.Wait(TestHost.Patience);
        }
    }
}
