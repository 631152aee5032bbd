using System.Collections.Concurrent;
using System.Text.Json;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>What orchestrations can do, on the whole host with a file.</summary>
public sealed class OrchestrationTests
{
    private TestHost host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => host = await TestHost.StartAsync(typeof(Programs));

    [OneTimeTearDown]
    public async Task StopAsync() => await host.DisposeAsync();

    [Test]
    public async Task Chain_OfActivities_PassesResultsOn()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.Chain), "x");
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Completed);
        end.ReadOutputAs<string>().Should().Be("x123");
        end.ReadInputAs<string>().Should().Be("x");
    }

    [Test]
    public async Task FanOut_Of500_AddsUp()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.FanOut), 500);
        end.ReadOutputAs<int>().Should().Be(Enumerable.Range(0, 500).Sum());
    }

    [Test]
    public async Task Retry_ThatSucceedsLate_IsCountedRight()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.RetryLate), "late");
        end.ReadOutputAs<string>().Should().Be("after 3");
    }

    [Test]
    public async Task Failure_OfAnActivity_IsTheInnerFailure()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.FailsUnhandled));
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed);
        end.FailureDetails!.ErrorType.Should().Be(typeof(TaskFailedException).FullName);
        end.FailureDetails.ErrorMessage.Should().Be("Task 'Fails' (#1) failed with an unhandled exception: broken");
        end.FailureDetails.InnerFailure!.ErrorType.Should().Be(typeof(InvalidOperationException).FullName);
        end.FailureDetails.InnerFailure.IsCausedBy<InvalidOperationException>().Should().BeTrue();
    }

    [Test]
    public async Task UnknownActivity_FailsItsCall()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.CallsUnknown));
        end.ReadOutputAs<string>().Should().Be("ActivityTaskNotFound: No activity task named 'Nobody' was found.");
    }

    [Test]
    public async Task UnknownOrchestration_Fails() =>
        (await host.RunAsync("Nothing")).FailureDetails!.ErrorType.Should().Be("OrchestratorTaskNotFound");

    [Test]
    public async Task Children_ReturnAndFail_ToTheirParent()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.Parent));
        end.ReadOutputAs<string>().Should().Be("child-of-Parent|Task 'ChildFails' (#1) failed with an unhandled exception: Task 'Fails' (#0) failed with an unhandled exception: broken");
    }

    [Test]
    public async Task ContinueAsNew_ManyTimes_KeepsTheLastInput()
    {
        OrchestrationMetadata end = await host.RunAsync(nameof(Programs.CountDown), 200);
        end.ReadOutputAs<string>().Should().Be("done");
        end.ReadCustomStatusAs<int>().Should().Be(200, "the status survives the generations");
    }

    [Test]
    public async Task Events_BeforeTheirWait_AreGivenInOrder()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Events));
        foreach (int number in new[] { 1, 2, 3 })
            await host.Client.RaiseEventAsync(id, "NUMBER", number);
        await host.Client.RaiseEventAsync(id, "go");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("1,2,3");
    }

    [Test]
    public async Task Event_ThatDoesNotCome_TimesOut() =>
        (await host.RunAsync(nameof(Programs.WaitsInVain))).ReadOutputAs<string>().Should().Be("timed out");

    [Test]
    public async Task ForeignAwait_FailsTheInstance([Values("task", "run", "configure", "any")] string kind)
    {
        Programs.Foreign = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.AwaitsForeign), kind);
        await host.Client.WaitForInstanceStartAsync(id); // its first step is over: it waits
        Programs.Foreign.SetResult();
        OrchestrationMetadata end = await host.EndAsync(id);
        end.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed);
        end.FailureDetails!.ErrorMessage.Should().Contain("may await only tasks of its TaskOrchestrationContext");
    }

    [Test]
    public async Task ForeignAwait_ThatEndsWithTheStep_IsNeverLost()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(spins =>
            host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.AwaitsRacing), spins)));
        foreach (string id in ids)
        {
            OrchestrationMetadata end = await host.EndAsync(id);
            if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed) // it was over before it was awaited: nothing was awaited
                end.FailureDetails!.ErrorMessage.Should().Contain("may await only tasks of its TaskOrchestrationContext");
        }
    }

    [Test]
    public async Task Terminate_Recursive_EndsChildren()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.ParentOfWaiting), "kid-" + Guid.NewGuid());
        OrchestrationMetadata started = await host.Client.WaitForInstanceStartAsync(id, getInputsAndOutputs: true);
        string child = started.ReadInputAs<string>()!;
        await host.Client.WaitForInstanceStartAsync(child);
        await host.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions("over", Recursive: true));
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("over");
        (await host.EndAsync(child)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Terminated);
    }

    [Test]
    public async Task Suspend_HoldsEvents_UntilResume()
    {
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsFor), "x");
        await host.Client.SuspendInstanceAsync(id, "later");
        await host.Client.RaiseEventAsync(id, "x", "value");
        while ((await host.Client.GetInstanceAsync(id))!.RuntimeStatus != OrchestrationRuntimeStatus.Suspended)
            await Task.Yield();
        await host.Client.ResumeInstanceAsync(id);
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("value");
    }

    [Test]
    public async Task Start_WithAnIdThatIsListed_IsRefused()
    {
        string id = Guid.NewGuid().ToString();
        StartOrchestrationOptions once = new StartOrchestrationOptions(id).WithDedupeStatuses([.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Chain), "a", once);
        await host.EndAsync(id);
        await FluentActions.Awaiting(() => host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.Chain), "b", once))
            .Should().ThrowAsync<OrchestrationAlreadyExistsException>();
    }

    [Test]
    public async Task Restart_OfTheHost_GoesOn()
    {
        await using TestHost own = await TestHost.StartAsync(typeof(Programs));
        string id = await own.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Programs.WaitsFor), "x");
        await own.Client.WaitForInstanceStartAsync(id);
        await own.RestartAsync();
        await own.Client.RaiseEventAsync(id, "x", "back");
        (await own.EndAsync(id)).ReadOutputAs<string>().Should().Be("back");
    }

    [Test]
    public async Task RaiseEvent_ToNobody_Fails() =>
        await FluentActions.Awaiting(() => host.Client.RaiseEventAsync("nobody", "x")).Should().ThrowAsync<ArgumentException>().WithMessage("*nobody*");

    [Test]
    public async Task Result_OfTheWrongType_IsAJsonException() =>
        (await host.RunAsync(nameof(Programs.ReadsWrongType))).ReadOutputAs<string>().Should().Be(nameof(JsonException));

    internal static class Programs
    {
        private static readonly ConcurrentDictionary<string, int> Attempts = new();

        /// <summary>What a test ends that an orchestrator should not await.</summary>
        public static TaskCompletionSource Foreign { get; set; } = new();

        [Function(nameof(Chain))]
        public static async Task<string> Chain([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            string text = context.GetInput<string>()!;
            for (int i = 1; i <= 3; i++)
                text = await context.CallActivityAsync<string>(nameof(Append), new Pair(text, i));
            return text;
        }

        [Function(nameof(FanOut))]
        public static async Task<int> FanOut([OrchestrationTrigger] TaskOrchestrationContext context, int count)
        {
            int[] results = await Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>(nameof(Same), i)));
            return results.Sum();
        }

        [Function(nameof(RetryLate))]
        public static async Task<string> RetryLate([OrchestrationTrigger] TaskOrchestrationContext context) => await context.CallActivityAsync<string>(
            nameof(FailsTwice), context.InstanceId, TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(10), 2)));

        [Function(nameof(FailsUnhandled))]
        public static async Task FailsUnhandled([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync<int>(nameof(Same), 1);
            await context.CallActivityAsync(nameof(Fails));
        }

        [Function(nameof(CallsUnknown))]
        public static async Task<string> CallsUnknown([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                await context.CallActivityAsync("Nobody");
                return "";
            }
            catch (TaskFailedException failed)
            {
                return failed.FailureDetails.ToString();
            }
        }

        [Function(nameof(Parent))]
        public static async Task<string> Parent([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            string first = await context.CallSubOrchestratorAsync<string>(nameof(Child));
            try
            {
                await context.CallSubOrchestratorAsync(nameof(ChildFails));
                return "";
            }
            catch (TaskFailedException failed)
            {
                return $"{first}|{failed.Message}";
            }
        }

        [Function(nameof(Child))]
        public static Task<string> Child([OrchestrationTrigger] TaskOrchestrationContext context) => Task.FromResult($"child-of-{context.Parent!.Name}");

        [Function(nameof(ChildFails))]
        public static Task ChildFails([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync(nameof(Fails));

        [Function(nameof(CountDown))]
        public static string CountDown([OrchestrationTrigger] TaskOrchestrationContext context, int left)
        {
            if (left == 200)
                context.SetCustomStatus(left);
            if (left > 0)
                context.ContinueAsNew(left - 1);
            return "done";
        }

        [Function(nameof(Events))]
        public static async Task<string> Events([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.WaitForExternalEvent<object>("go");
            List<int> numbers = [];
            for (int i = 0; i < 3; i++)
                numbers.Add(await context.WaitForExternalEvent<int>("number"));
            return string.Join(",", numbers);
        }

        [Function(nameof(WaitsInVain))]
        public static async Task<string> WaitsInVain([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                return await context.WaitForExternalEvent<string>("never", TimeSpan.FromMilliseconds(20));
            }
            catch (TaskCanceledException)
            {
                return "timed out";
            }
        }

        [Function(nameof(AwaitsForeign))]
        public static async Task AwaitsForeign([OrchestrationTrigger] TaskOrchestrationContext context, string kind)
        {
            Task timer = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            switch (kind)
            {
                case "task":
                    await Foreign.Task;
                    break;
                case "run":
                    await Task.Run(() => Foreign.Task);
                    break;
                case "configure":
                    await Foreign.Task.ConfigureAwait(false);
                    await context.CallActivityAsync(nameof(Same), 1);
                    break;
                default:
                    await Task.WhenAny(timer, Foreign.Task);
                    break;
            }
            await timer;
        }

        [Function(nameof(AwaitsRacing))]
        public static async Task AwaitsRacing([OrchestrationTrigger] TaskOrchestrationContext context, int spins)
        {
            await Task.Run(() => Thread.SpinWait(spins));
        }

        [Function(nameof(ParentOfWaiting))]
        public static Task ParentOfWaiting([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallSubOrchestratorAsync(nameof(WaitsFor), "never", new SubOrchestrationOptions(instanceId: context.GetInput<string>()));

        [Function(nameof(WaitsFor))]
        public static Task<string> WaitsFor([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.WaitForExternalEvent<string>(context.GetInput<string>()!);

        [Function(nameof(ReadsWrongType))]
        public static async Task<string> ReadsWrongType([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                await context.CallActivityAsync<Pair>(nameof(Same), 7);
                return "";
            }
            catch (JsonException)
            {
                return nameof(JsonException);
            }
        }

        [Function(nameof(Append))]
        public static string Append([ActivityTrigger] Pair pair) => pair.Text + pair.Number;

        [Function(nameof(Same))]
        public static int Same([ActivityTrigger] int value) => value;

        [Function(nameof(Fails))]
        public static void Fails([ActivityTrigger] object? input) => throw new InvalidOperationException("broken");

        [Function(nameof(FailsTwice))]
        public static string FailsTwice([ActivityTrigger] string key)
        {
            int attempt = Attempts.AddOrUpdate(key, 1, (_, count) => count + 1);
            return attempt < 3 ? throw new InvalidOperationException("not yet") : $"after {attempt}";
        }
    }

    internal sealed record Pair(string Text, int Number);
}
