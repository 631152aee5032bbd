using Tiering.Core.Identity;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Jobs.Containers;
using Tiering.Emulators.ContainerJobs;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;

namespace Tiering.Tests.ContainerJobs;

/// <summary>The host against the emulated management API, with executions that only wait.</summary>
public sealed class ContainerJobHostTests
{
    private const string Job = "0123456789abcdef-cool-1";

    /// <summary>Waits to be ended, and outlives this process by a moment at most.</summary>
    private const string Waits = "while kill -0 $PPID 2>/dev/null; do sleep 1; done";

    private TempFolder temp = null!;
    private ContainerJobsOptions options = null!;
    private ContainerJobsEmulator emulator = null!;
    private HttpClient http = null!;
    private HttpClient platform = null!;
    private ManagedIdentity tokens = null!;
    private ContainerJobHost host = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        temp = new TempFolder();
        options = new ContainerJobsOptions
        {
            Program = ["/bin/sh", "-c", Waits], Disks = temp.Folder("disks"), EndGrace = TimeSpan.FromSeconds(5), PageSize = 2,
            Environment = { ["AZCOPY_WORK_DIR"] = "{disk}", ["TIERING_JOBS"] = "https://account.blob.core.windows.net/jobs" },
        };
        emulator = await ContainerJobsEmulator.StartAsync(options);
        http = ProjectStores.CreateClient();
        platform = ManagedIdentity.CreateClient();
        tokens = new ManagedIdentity(platform, IdentityEndpoint.Read(name => emulator.IdentityEnvironment.GetValueOrDefault(name)), TimeProvider.System);
        host = HostWith(TimeSpan.FromMinutes(1));
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await emulator.DisposeAsync();
        platform.Dispose();
        http.Dispose();
        temp.Dispose();
    }

    [Test]
    public async Task Start_Agent_GetsItsArgumentsAndTheJobsOwnTemplate()
    {
        await host.StartAsync(Job, 1, default);

        ExecutionView execution = emulator.Executions.Should().ContainSingle().Subject;
        execution.Arguments.Should().Equal(Job, "1");
        execution.Template.Should().Contain("registry.invalid/tiering-agent:1").And.Contain("TIERING_JOBS").And.Contain("2Gi").And.NotContain("ephemeral");
        (await host.LookAsync(Job, 1, default)).Should().Be(AgentPresence.Present);
        (await host.LookAsync(Job, 2, default)).Should().Be(AgentPresence.Unknown, "what was just started may not be listed yet");
    }

    [Test]
    public async Task Start_Again_StartsNoSecondExecution()
    {
        await host.StartAsync(Job, 1, default);
        await host.StartAsync(Job, 1, default);
        await Eventually.IsTrueAsync(() => emulator.Executions[0].ProcessId is not null);
        emulator.Lose(emulator.Executions[0].Name);
        await Eventually.IsTrueAsync(() => emulator.Executions[0].Status == "Failed");

        await host.StartAsync(Job, 1, default);

        emulator.Executions.Should().ContainSingle();
        (await host.LookAsync(Job, 1, default)).Should().Be(AgentPresence.Gone);
    }

    [Test]
    public async Task Start_AnswerLost_FindsTheExecutionInsteadOfStartingAnother([Values(500, 504, null)] int? status)
    {
        emulator.Faults.Add(new FaultRule { Operation = "StartJob", Status = status, AfterActing = status is not null, CutResponseAfterBytes = status is null ? 0 : null, Count = 1 });

        await host.StartAsync(Job, 1, default);

        emulator.Executions.Should().ContainSingle();
        emulator.Log.Ended.Count(request => request.Operation == "StartJob").Should().Be(1);
    }

    [Test]
    public async Task Start_RequestTimesOutAfterActing_FindsTheExecution()
    {
        emulator.Faults.Add(new FaultRule { Operation = "StartJob", Status = 504, AfterActing = true, DelayMilliseconds = 0, Count = 1 });
        emulator.Faults.Add(new FaultRule { Operation = "ListExecutions", Hold = true, Skip = 1, Count = 1 });
        ContainerJobHost hasty = HostWith(TimeSpan.FromMinutes(1), answerLimit: TimeSpan.FromSeconds(5));

        await hasty.StartAsync(Job, 1, default);

        emulator.Executions.Should().ContainSingle();
    }

    [Test]
    public async Task Start_TooManyRequests_WaitsAsLongAsItIsAsked()
    {
        emulator.Faults.Add(new FaultRule { Server = "jobs", Status = 429, RetryAfterSeconds = 2, Skip = 1, Count = 2 });
        long start = TimeProvider.System.GetTimestamp();

        await host.StartAsync(Job, 1, default);

        TimeProvider.System.GetElapsedTime(start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(4), "each of the two refusals asked for two seconds");
        emulator.Executions.Should().ContainSingle();
    }

    [Test]
    public async Task Start_ApiDownForLong_FailsAndNamesIt()
    {
        emulator.Faults.Add(new FaultRule { Server = "jobs", Operation = "ListExecutions", Status = 503 });

        JobHostException failure = (await FluentActions.Awaiting(() => HostWith(TimeSpan.FromSeconds(1)).StartAsync(Job, 1, default)).Should().ThrowAsync<JobHostException>()).Which;

        failure.IsTransient.Should().BeTrue();
        failure.Message.Should().Be("The management API answered 503 ServerBusy to GET.");
        emulator.Executions.Should().BeEmpty();
    }

    [Test]
    public async Task Start_Refused_IsNotTriedAgain()
    {
        Fault refused = emulator.Faults.Add(new FaultRule { Operation = "StartJob", Status = 403, Code = "AuthorizationFailed" });

        await FluentActions.Awaiting(() => host.StartAsync(Job, 1, default)).Should().ThrowAsync<JobHostException>().WithMessage("*403 AuthorizationFailed*");

        refused.Fired.Should().Be(1);
    }

    [Test]
    public async Task Start_NextAttempt_EndsTheOneBeforeFirst()
    {
        await host.StartAsync(Job, 1, default);
        await host.StartAsync("another-job", 1, default);
        await host.StartAsync(Job, 2, default);

        emulator.Executions.Select(execution => (string.Join(' ', execution.Arguments), execution.Status is "Stopped")).Should()
            .Equal(($"{Job} 1", true), ("another-job 1", false), ($"{Job} 2", false));
    }

    [Test]
    public async Task Stop_ManyExecutions_EndsThoseOfTheJobOnly()
    {
        for (int attempt = 1; attempt <= 5; attempt++)
            await host.StartAsync("other-" + attempt, 1, default); // more than a page
        await host.StartAsync(Job, 1, default);
        await Eventually.IsTrueAsync(() => emulator.Executions.All(execution => execution.ProcessId is not null));

        await host.StopAsync(Job, default);
        await host.StopAsync(Job, default);

        emulator.Executions.Where(execution => execution.Arguments[0] == Job).Should().OnlyContain(execution => execution.Status == "Stopped" && execution.ProcessId == null);
        emulator.Executions.Where(execution => execution.Arguments[0] != Job).Should().OnlyContain(execution => execution.ProcessId != null);
    }

    [Test]
    public async Task Stop_ProgramThatDoesNotListen_WaitsUntilItIsKilled()
    {
        options.Program = ["/bin/sh", "-c", "trap '' TERM; " + Waits];
        options.EndGrace = TimeSpan.FromSeconds(1);
        await host.StartAsync(Job, 1, default);
        await Eventually.IsTrueAsync(() => emulator.Executions[0].ProcessId is not null);

        await host.StopAsync(Job, default);

        emulator.Executions.Should().ContainSingle().Which.Status.Should().Be("Stopped");
    }

    [Test]
    public async Task Look_ApiDown_SaysNothing()
    {
        await host.StartAsync(Job, 1, default);
        emulator.Faults.Add(new FaultRule { Server = "jobs", Status = 503 });

        (await host.LookAsync(Job, 1, default)).Should().Be(AgentPresence.Unknown);
    }

    [Test]
    public async Task List_LeadingElsewhere_IsNotFollowedWithTheToken()
    {
        ScriptedHandler script = new("""{"value":[],"nextLink":"https://elsewhere.invalid/executions"}""");
        using HttpClient scripted = new(script);
        ContainerJobHost misled = new(scripted, tokens, new ContainerJobSettings(ContainerJobsEmulator.Job, emulator.Endpoint), TimeProvider.System);

        await FluentActions.Awaiting(() => misled.StopAsync(Job, default)).Should().ThrowAsync<JobHostException>().WithMessage("*leads elsewhere*");
        script.Hosts.Should().OnlyContain(asked => asked == emulator.Endpoint.Host);
    }

    [TestCase("""{"value":"none"}""")]
    [TestCase("""{"value":[{"name":5}]}""")]
    [TestCase("""[]""")]
    public async Task List_ThatCannotBeUnderstood_IsAnError(string answer)
    {
        using HttpClient scripted = new(new ScriptedHandler(answer));
        ContainerJobHost misled = new(scripted, tokens, new ContainerJobSettings(ContainerJobsEmulator.Job, emulator.Endpoint), TimeProvider.System);

        await FluentActions.Awaiting(() => misled.StopAsync(Job, default)).Should().ThrowAsync<JobHostException>();
    }

    [TestCase("TIERING_CONTAINER_JOB", "tiering-agent")]
    [TestCase("TIERING_CONTAINER_JOB", "")]
    [TestCase("AZURE_RESOURCE_MANAGER_ENDPOINT", "management.azure.com")]
    [TestCase("AZURE_RESOURCE_MANAGER_ENDPOINT", "https://management.azure.com/subscriptions")]
    [TestCase("TIERING_MANAGEMENT_TIMEOUT_SECONDS", "0")]
    public void Settings_Wrong_AreRefusedByName(string name, string value)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["TIERING_CONTAINER_JOB"] = ContainerJobsEmulator.Job, [name] = value };

        FluentActions.Invoking(() => ContainerJobSettings.Read(settings.GetValueOrDefault)).Should().Throw<Core.ConfigurationException>().WithMessage(name + "*");
    }

    private ContainerJobHost HostWith(TimeSpan patience, TimeSpan? answerLimit = null) => new(
        http,
        tokens,
        new ContainerJobSettings(ContainerJobsEmulator.Job, emulator.Endpoint)
        {
            Patience = patience, Look = TimeSpan.FromMilliseconds(100), AnswerLimit = answerLimit ?? TimeSpan.FromSeconds(30),
        },
        TimeProvider.System);

    private sealed class ScriptedHandler(string answer) : HttpMessageHandler
    {
        public List<string> Hosts { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Hosts.Add(request.RequestUri!.Host);
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new StringContent(answer) });
        }
    }
}
