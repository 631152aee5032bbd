using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>Finer points of the Durable Task engine that orchestrators may rely on, each as that engine does it.</summary>
public sealed class BehaviourTests
{
    private TestHost host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => host = await TestHost.StartAsync(typeof(BehaviourPrograms));

    [OneTimeTearDown]
    public async Task StopAsync() => await host.DisposeAsync();

    [Test]
    public async Task Output_OfAFailedInstance_IsTypeAndMessage()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.Throws));
        end.SerializedOutput.Should().Be("System.TimeoutException: too late");
    }

    [Test]
    public async Task ErrorType_OfAGenericException_IsItsFullNameAndFindsTheType()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.CatchesGeneric));
        end.ReadOutputAs<string>().Should().Be($"{typeof(BehaviourPrograms.GenericException<int>).FullName} True");
    }

    [Test]
    public async Task Waits_ForOneName_AreServedYoungestFirst()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits));
        await host.Client.WaitForInstanceStartAsync(id);
        foreach (string payload in new[] { "1", "2", "3" })
            await host.Client.RaiseEventAsync(id, "e", payload); // names ignore case
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("321");
    }

    [Test]
    public async Task AbandonedWait_SwallowsTheNextEvent()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.WaitsAgainAfterTimeout));
        foreach (string payload in new[] { "lost", "kept" })
            await host.Client.RaiseEventAsync(id, "Answer", payload);
        await host.Client.RaiseEventAsync(id, "Gate", "open");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("kept");
    }

    [Test]
    public async Task Numbers_InMessages_CountRetryTimers()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.FailsAfterRetries));
        end.ReadOutputAs<string>().Should().Be("Task 'Breaks' (#6) failed with an unhandled exception: broken");
    }

    [Test]
    public async Task ContinueAsNew_ThenThrow_Fails()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.ContinuesAndThrows), 0);
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed);
    }

    [Test]
    public async Task ContinueAsNew_Twice_KeepsTheLast()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.ContinuesTwice), 0);
        end.ReadOutputAs<int>().Should().Be(2);
    }

    [Test]
    public async Task Start_OfARunningIdThatIsNotListed_ReplacesIt()
    {
        StartOrchestrationOptions onlyCompleted = new StartOrchestrationOptions("replaced").WithDedupeStatuses(OrchestrationRuntimeStatus.Completed);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits), null, onlyCompleted);
        await host.Client.WaitForInstanceStartAsync("replaced");
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ContinuesTwice), 5, onlyCompleted);
        (await host.EndAsync("replaced")).ReadOutputAs<int>().Should().Be(5);
    }

    [Test]
    public void TaskVersion_OfNothing_IsEmpty()
    {
        default(TaskVersion).Version.Should().BeEmpty();
        new TaskVersion(null).Should().Be(TaskVersion.Unversioned);
        FluentActions.Invoking(() => new TaskVersion(" ")).Should().Throw<ArgumentException>();
    }
}
