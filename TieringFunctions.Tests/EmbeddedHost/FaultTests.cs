using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>The fault table of the embedded host's README, line by line, as far as it is about orchestrations and time.</summary>
public sealed class FaultTests
{
    [Test]
    public async Task Clock_SetForth_FiresWhatIsDueWithinAMinute()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(FaultPrograms));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.TwoTimers));
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
    public async Task Clock_SetForthWhileAStepComputes_DoesNotSetItAside()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(FaultPrograms));
        using ManualResetEventSlim end = FaultPrograms.Endless.Arm();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.NeverBlocks));
        await Eventually.IsTrueAsync(() => FaultPrograms.Endless.IsAwaited);
        clock.Set(clock.GetUtcNow() + TimeSpan.FromHours(5));
        clock.Advance(TimeSpan.FromSeconds(30)); // looks at it, within the minute that it may take
        end.Set();
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("ended");
    }

    [Test]
    public async Task SetAside_CanBeTerminated()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), typeof(FaultPrograms));
        using ManualResetEventSlim end = FaultPrograms.Endless.Arm();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.NeverBlocks));
        (await host.SetAsideAsync(() => clock.Advance(TimeSpan.FromMinutes(1)))).Reason.Should().Contain("without waiting");
        (await host.RunAsync(nameof(FaultPrograms.Echo), "others")).ReadOutputAs<string>().Should().Be("others", "the others go on");
        end.Set();
        await host.Client.TerminateInstanceAsync(id, "enough");
        (await host.EndAsync(id)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Terminated);
    }

    [Test]
    public async Task Activity_ThatHangs_FailsWithATimeout_AndIsRetried()
    {
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.ActivityTimeout = TimeSpan.FromMilliseconds(100)), typeof(FaultPrograms));
        OrchestrationMetadata end = await host.RunAsync(nameof(FaultPrograms.CallsHanging));
        end.ReadOutputAs<string>().Should().Be($"{typeof(TimeoutException).FullName} after 2");
    }

    [Test]
    public async Task Payload_ThatIsTooLarge_FailsItsCall()
    {
        await using TestHost host = await TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.MaxPayloadCharacters = 1_000), typeof(FaultPrograms));
        (await host.RunAsync(nameof(FaultPrograms.CallsLarge))).ReadOutputAs<string>().Should().Contain("at most 1000 are allowed");
        await host.Awaiting(up => up.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.Echo), new string('x', 2_000)))
            .Should().ThrowAsync<PayloadTooLargeException>();
    }

    [Test]
    public async Task Orchestrator_ThatAsksWithoutEnd_Fails() =>
        (await RunAloneAsync(nameof(FaultPrograms.AsksWithoutEnd))).FailureDetails!.ErrorMessage.Should().Contain("seems to loop");

    [Test]
    public async Task Replay_ThatNoLongerMatches_FailsTheInstance_NamingBoth()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        FaultPrograms.Variant = "Echo";
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.Changes));
        await Eventually.IsTrueAsync(() => host.Services.GetRequiredService<TaskHubAdministration>().Inspect(id).Count >= 3);
        await host.StopAsync();
        FaultPrograms.Variant = "Other";
        await host.StartAsync();
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        administration.CheckReplays().Should().ContainSingle().Which.Reason.Should().Contain("'EchoActivity'").And.Contain("'OtherActivity'");
        await host.Client.RaiseEventAsync(id, "go", "x");
        OrchestrationMetadata end = await host.EndAsync(id);
        end.FailureDetails!.ErrorType.Should().Be(typeof(NonDeterministicOrchestrationException).FullName);

        FaultPrograms.Variant = "Echo"; // the code is put right
        await host.Client.RewindInstanceAsync(id, "put right");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("x");
    }

    [Test]
    public async Task Rewind_CallsWhatFailedAgain_AndNothingElse()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        string key = Guid.NewGuid().ToString("N");
        OrchestrationMetadata end = await host.RunAsync(nameof(FaultPrograms.SecondFails), key);
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed);
        FaultPrograms.Repair(key);
        await host.Client.RewindInstanceAsync(end.InstanceId, "repaired");
        (await host.EndAsync(end.InstanceId)).ReadOutputAs<string>().Should().Be("first second");
        FaultPrograms.CallsOf(key).Should().Equal("first", "second", "second");
    }

    [Test]
    public async Task Clock_SetBack_DelaysTimers_AndNeverTurnsTimeBack()
    {
        ManualClock clock = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestHost host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
                builder.Services.Configure<EmbeddedHostOptions>(options => options.OrchestratorTimeout = TimeSpan.FromDays(1000)); // the clock goes on under its steps
            },
            typeof(FaultPrograms));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.TwoTimers));
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

    private static async Task<OrchestrationMetadata> RunAloneAsync(string name)
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        return await host.RunAsync(name);
    }
}
