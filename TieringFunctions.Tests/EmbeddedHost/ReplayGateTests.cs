using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.Cli;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.Functions.Orchestrations;
using Tiering.Tests.Cli;
using Tiering.Tests.EmbeddedHost.Histories;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary><c>tiering replay</c>, which starts the real service's build against a task hub.</summary>
public sealed class ReplayGateTests
{
    private static readonly OperationKey Moving = new(ProjectSlug.Parse("moving"), OperationType.Cool, new Guid("11111111-2222-3333-4444-555555555555"));

    [Test]
    public async Task Replay_OfWhatThisBuildWrote_GoesOn_AndChangesNothing()
    {
        await using TestHost host = await StartAsync(typeof(TransferOrchestration), typeof(SubstituteActivities));
        await HalfwayAsync(host, steps: 4);

        string copy = host.DatabasePath + ".copy";
        await host.Services.GetRequiredService<TaskHubAdministration>().BackUpAsync(copy);
        (int code, string output) = await ReplayAsync(host, "--hub", copy);
        (code, output).Should().Be((ExitCode.Ok, "This build goes on with all live orchestrations (1).\n"), "a back-up is looked at while the service runs");

        await host.StopAsync();
        string[] before = Fingerprint(host);
        (code, output) = await ReplayAsync(host);
        (code, output).Should().Be((ExitCode.Ok, "This build goes on with all live orchestrations (1).\n"));
        Fingerprint(host).Should().Equal(before, "it only looks");
    }

    [Test]
    public async Task Replay_OfWhatNoLongerMatches_NamesIt()
    {
        await using TestHost host = await StartAsync(typeof(AnotherVersion), typeof(SubstituteActivities));
        await HalfwayAsync(host, steps: 3);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(AnotherVersion.GoneSince), new StartOrchestrationOptions("gone"));
        await host.Client.WaitForInstanceStartAsync("gone");
        await host.StopAsync();

        (int code, string output) = await ReplayAsync(host);

        code.Should().Be(ExitCode.Failed);
        output.Should().Contain("transfer (TransferOrchestration): The orchestrator no longer does what its history says.").And.Contain("'Retired'")
            .And.Contain("gone (GoneSince): There is no orchestration named 'GoneSince' any more.")
            .And.EndWith("This build does not go on with 2 of 2 live orchestrations.\n");
    }

    [Test]
    public async Task Replay_OfAHubInUse_IsRefused()
    {
        await using TestHost host = await StartAsync(typeof(AnotherVersion));
        (await ReplayAsync(host)).Should().Match<(int Code, string Output)>(end => end.Code == ExitCode.Usage && end.Output.Contains("in use by another process"));
    }

    [Test]
    public async Task Replay_WithoutAHub_IsRefused()
    {
        await using TestHost host = await StartAsync(typeof(AnotherVersion));
        (await ReplayAsync(host, "--hub", host.DatabasePath + ".missing"))
            .Should().Match<(int Code, string Output)>(end => end.Code == ExitCode.Usage && end.Output.Contains("There is no task hub"));
        File.Exists(host.DatabasePath + ".missing").Should().BeFalse();
    }

    [Test]
    public async Task Replay_OfAnOrchestratorThatNeverBlocks_Ends()
    {
        await using TestHost host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.Configure<EmbeddedHostOptions>(options => options.OrchestratorTimeout = TimeSpan.FromSeconds(2));
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new ManualClock(DateTimeOffset.UnixEpoch))); // the first step is in no hurry
            },
            typeof(Spinning));
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Spinning.Spin), new StartOrchestrationOptions("spinning"));
        await host.Client.WaitForInstanceStartAsync("spinning");
        Spinning.On = true;
        try
        {
            host.Services.GetRequiredService<TaskHubAdministration>().CheckReplays()
                .Should().ContainSingle().Which.Reason.Should().Be("The orchestrator did not come to a wait within 2 s.");
        }
        finally
        {
            Spinning.On = false;
        }
    }

    private static Task<TestHost> StartAsync(params Type[] types) => TestHost.StartAsync(
        builder => builder.Services.Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options)), types);

    /// <summary>Starts a transfer, and waits until it has done some of its steps.</summary>
    private static async Task HalfwayAsync(TestHost host, int steps)
    {
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(TransferOrchestration), new TransferState(Moving), new StartOrchestrationOptions("transfer"));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        await Eventually.IsTrueAsync(() => administration.Inspect("transfer").Count(line => line.Contains(": did", StringComparison.Ordinal)) >= steps);
    }

    private static async Task<(int Code, string Output)> ReplayAsync(TestHost host, params string[] more)
    {
        CommandLine command = new(new Uri("http://127.0.0.1:1"));
        string[] arguments = ["replay", "--data", Path.GetDirectoryName(host.DatabasePath)!, "--build", Path.GetDirectoryName(Tools.Service)!, .. more];
        int code = await command.RunAsync(arguments);
        return (code, command.Output.ReplaceLineEndings("\n") + command.Error);
    }

    private static string[] Fingerprint(TestHost host) => [.. Directory.GetFiles(Path.GetDirectoryName(host.DatabasePath)!).Order()
        .Select(file => $"{Path.GetFileName(file)} {File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")];

    private static class Spinning
    {
        public static volatile bool On;

        [Function(nameof(Spin))]
        public static Task<string> Spin([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            SpinWait.SpinUntil(() => !On);
            return context.WaitForExternalEvent<string>("never");
        }
    }

    private static class AnotherVersion
    {
        [Function(nameof(TransferOrchestration))]
        public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync("Retired");
            await context.CallActivityAsync("Retired");
            await context.CallActivityAsync("Retired");
            await context.WaitForExternalEvent<string>("never");
        }

        [Function(nameof(GoneSince))]
        public static Task<string> GoneSince([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<string>("never");

        [Function(nameof(Retired))]
        public static void Retired([ActivityTrigger] object? input)
        {
        }
    }
}
