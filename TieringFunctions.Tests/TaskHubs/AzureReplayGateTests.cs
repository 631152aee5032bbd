using System.Text.Json.Nodes;
using Tiering.Cli;
using Tiering.Core.TaskHubs;
using Tiering.Tests.Cli;
using Tiering.Tests.EmbeddedHost.AzureHubs;
using Tiering.Tests.Support;

namespace Tiering.Tests.TaskHubs;

/// <summary><c>tiering replay --azure</c>, which starts the real service's build against a task hub in real tables.</summary>
public sealed class AzureReplayGateTests
{
    private static readonly string[] OfTheApp = ["cool", "restore", "source-deletion", "source-deletion-proved", "source-deletion-many", "night-2026-11-20", "delivery", "adopt"];

    [Test]
    public async Task Replay_OfWhatTheOriginalEngineWrote_GoesOn_AndChangesNothing()
    {
        string hub = await HubAccount.CreateAsync();
        HubFixture[] live = [.. OfTheApp.Select(HubFixture.Read).SelectMany(Halfway), Large()];
        await HubAccount.AddAsync(hub, live);
        await HubAccount.AddAsync(hub, HubFixture.Read("source-deletion"), HubFixture.Read("adopt")); // these have ended
        await HubAccount.AddBlobAsync(hub, "cool-large/input.json.gz", (string)HubFixture.Read("cool").Rows[1]["Input"]!);
        IReadOnlyList<string> before = await HubAccount.DumpAsync(hub);
        before.Should().HaveCountGreaterThan(live.Length);

        (int code, string output) = await ReplayAsync(hub);

        (code, output).Should().Be((ExitCode.Ok, $"This build goes on with all live orchestrations ({live.Length}).\n"));
        (await HubAccount.DumpAsync(hub)).Should().Equal(before, "it only looks");
    }

    [Test]
    public async Task Replay_OfWhatNoLongerMatches_NamesIt_AndWhatItCannotJudge()
    {
        string hub = await HubAccount.CreateAsync();
        HubFixture cool = HubFixture.Read("cool");
        HubFixture another = cool.Cut(cool.Lengths[^1], "another-^0-version");
        another.Rows.First(row => (string?)row["Name"] == "StartOperation")["Name"] = "Retired";
        HubFixture rewound = cool.Cut(cool.Lengths[1], "rewound");
        rewound.Rows[5]["EventType"] = "GenericEvent";
        await HubAccount.AddAsync(hub, another, rewound, HubFixture.Read("hub-waits"), cool.Cut(cool.Lengths[1]));

        (int code, string output) = await ReplayAsync(hub);

        code.Should().Be(ExitCode.Failed);
        output.Should().Contain("another-/-version (TransferOrchestration): The orchestrator no longer does what its history says.").And.Contain("'Retired'").And.Contain("'StartOperation'")
            .And.Contain("hub-waits (HubWaits): There is no orchestration named 'HubWaits' any more.")
            .And.Contain("rewound (TransferOrchestration): cannot be judged: it was rewound, which took rows out of its history.")
            .And.EndWith("This build does not go on with 2 of 4 live orchestrations, and 1 cannot be judged.\n")
            .And.NotContain(AzuriteServer.Key).And.NotContain("sig=");
    }

    [Test]
    public async Task Replay_OfWhatItCannotJudge_IsNoSuccess()
    {
        string hub = await HubAccount.CreateAsync();
        await HubAccount.AddAsync(hub, Large());
        (int code, string output) = await ReplayAsync(hub);
        (code, output).Should().Be((ExitCode.Usage,
            "cool-large (TransferOrchestration): cannot be judged: the blob that holds the Input of row 0000000000000001 is missing or damaged.\n"
            + "1 of 1 live orchestrations cannot be judged; this build goes on with the others.\n"));
    }

    [Test]
    public async Task Replay_OfAHubThatIsNotThere_IsRefused() =>
        (await ReplayAsync("Hubless")).Should().Match<(int Code, string Output)>(end => end.Code == ExitCode.Usage && end.Output.Contains("There is no task hub Hubless in "));

    [TestCase("--azure", "x", "--hub", "file", "--azure goes with neither --data nor --hub.")]
    [TestCase("--azure", "x", "--data", "folder", "--azure goes with neither --data nor --hub.")]
    [TestCase("--task-hub", "x", "--hub", "file", "--task-hub goes with --azure only.")]
    [TestCase("--azure", "", "--task-hub", "x", "--azure must not be empty.")]
    [TestCase("--hub", " ", "--build", "x", "--hub must not be empty.")]
    public async Task Replay_WithOptionsThatAreEmptyOrDoNotGoTogether_IsRefused(string one, string first, string two, string second, string why)
    {
        CommandLine command = new(new Uri("http://127.0.0.1:1"));
        (await command.RunAsync("replay", one, first, two, second)).Should().Be(ExitCode.Usage);
        command.Error.Should().Contain(why);
    }

    /// <summary>A fixture as it was early, in its middle and last.</summary>
    private static IEnumerable<HubFixture> Halfway(HubFixture all) =>
        new[] { all.Lengths[0], all.Lengths[all.Lengths.Count / 2], all.Lengths[^1] }.Distinct().Select(length => all.Cut(length, $"{all.Id}-after-{length}"));

    /// <summary>One whose input is a blob.</summary>
    private static HubFixture Large()
    {
        HubFixture cool = HubFixture.Read("cool");
        HubFixture large = cool.Cut(cool.Lengths[3], "cool-large");
        JsonObject started = large.Rows[1];
        started["Input"] = "";
        started["InputBlobName"] = "cool-large/input.json.gz";
        return large;
    }

    private static async Task<(int Code, string Output)> ReplayAsync(string hub)
    {
        CommandLine command = new(new Uri("http://127.0.0.1:1")) { Variables = { [TaskHubAccount.ConnectionSetting] = HubAccount.Connection } };
        int code = await command.RunAsync("replay", "--azure", AzuriteServer.Account, "--task-hub", hub, "--build", Path.GetDirectoryName(Tools.Service)!);
        return (code, command.Output.ReplaceLineEndings("\n") + command.Error);
    }
}
