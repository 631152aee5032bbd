using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Tests.Support;

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
    public async Task Start_OfARunningIdWithoutStatuses_ReplacesIt()
    {
        StartOrchestrationOptions plain = new("replaced-by-default");
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits), null, plain);
        await host.Client.WaitForInstanceStartAsync("replaced-by-default");
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ContinuesTwice), 5, plain);
        (await host.EndAsync("replaced-by-default")).ReadOutputAs<int>().Should().Be(5);
    }

    [Test]
    public async Task Start_InPlaceOfARunningChild_TellsItsParentThatItWasTerminated()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.CallsChild), "child-to-replace");
        await Eventually.IsTrueAsync(() => host.Client.GetInstanceAsync("child-to-replace").GetAwaiter().GetResult() is not null);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ContinuesTwice), 5, new StartOrchestrationOptions("child-to-replace"));
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("OrchestrationTerminated");
    }

    [Test]
    public async Task Purge_OfARunningInstance_IsRefused()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits));
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Awaiting(up => up.Client.PurgeInstanceAsync(id)).Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{id}*Running*");
        (await host.Client.GetInstanceAsync(id)).Should().NotBeNull();
    }

    [Test]
    public async Task Purge_Recursive_ReachesChildrenOfChildren()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.Nests), new BehaviourPrograms.Nest("purged", 3), new StartOrchestrationOptions("purged-3"));
        (await host.EndAsync(id)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Completed);
        (await host.Client.PurgeInstanceAsync(id, new PurgeInstanceOptions(Recursive: true))).PurgedInstanceCount.Should().Be(4);
        foreach (int depth in new[] { 3, 2, 1, 0 })
            (await host.Client.GetInstanceAsync($"purged-{depth}")).Should().BeNull();
    }

    [Test]
    public async Task Terminate_Recursive_ReachesChildrenOfChildren()
    {
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.Nests), new BehaviourPrograms.Nest("ended", 3, Waits: true), new StartOrchestrationOptions("ended-3"));
        await Eventually.IsTrueAsync(() => host.Client.GetInstanceAsync("ended-0").GetAwaiter().GetResult() is { RuntimeStatus: OrchestrationRuntimeStatus.Running });
        await host.Client.TerminateInstanceAsync("ended-3", new TerminateInstanceOptions("over", Recursive: true));
        foreach (int depth in new[] { 3, 2, 1, 0 })
            (await host.EndAsync($"ended-{depth}")).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Terminated);
    }

    [Test]
    public async Task Restart_OfAnEndedInstance_RunsItAgainWithItsInput_UnderItsOwnOrANewId()
    {
        StartOrchestrationOptions tagged = new("again") { Tags = new Dictionary<string, string> { ["kind"] = "test" } };
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ContinuesTwice), 5, tagged);
        await host.EndAsync("again");
        (await host.Client.RestartAsync("again")).Should().Be("again");
        OrchestrationMetadata end = await host.EndAsync("again");
        end.ReadOutputAs<int>().Should().Be(5);
        end.Tags.Should().Contain("kind", "test");
        string other = await host.Client.RestartAsync("again", restartWithNewInstanceId: true);
        other.Should().NotBe("again");
        (await host.EndAsync(other)).ReadOutputAs<int>().Should().Be(5);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits), new StartOrchestrationOptions("still-running"));
        await host.Awaiting(up => up.Client.RestartAsync("still-running")).Should().ThrowAsync<InvalidOperationException>();
        await host.Awaiting(up => up.Client.RestartAsync("nobody")).Should().ThrowAsync<ArgumentException>();
    }

    [Test]
    public async Task Calls_WithACancelledToken_AreCancelled()
    {
        CancellationToken cancelled = new(canceled: true);
        foreach (Func<DurableTaskClient, Task> call in new Func<DurableTaskClient, Task>[]
        {
            client => client.ScheduleNewOrchestrationInstanceAsync(nameof(BehaviourPrograms.ThreeWaits), cancelled),
            client => client.GetInstanceAsync("x", cancelled),
            client => client.RaiseEventAsync("x", "e", cancelled),
            client => client.TerminateInstanceAsync("x", cancelled),
            client => client.PurgeInstanceAsync("x", cancelled),
            client => client.WaitForInstanceCompletionAsync("x", cancelled),
        })
        {
            await host.Client.Awaiting(call).Should().ThrowAsync<OperationCanceledException>();
        }
    }

    [Test]
    public async Task Failure_OfAnActivity_HasAnInnerException_AndWrapsAsItsChain()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(BehaviourPrograms.Wraps));
        TaskFailureDetails failure = end.FailureDetails!;
        failure.ErrorMessage.Should().Be("wrapped TaskFailedException broken");
        failure.InnerFailure!.ErrorType.Should().Be(typeof(TaskFailedException).FullName);
        failure.InnerFailure.InnerFailure!.ErrorType.Should().Be("DurableTask.Core.Exceptions.TaskFailedException");
        failure.InnerFailure.InnerFailure.InnerFailure.Should().BeNull();
    }

    [Test]
    public void TaskVersion_OfNothing_IsEmpty()
    {
        default(TaskVersion).Version.Should().BeEmpty();
        new TaskVersion(null).Should().Be(TaskVersion.Unversioned);
        FluentActions.Invoking(() => new TaskVersion(" ")).Should().Throw<ArgumentException>();
    }
}
