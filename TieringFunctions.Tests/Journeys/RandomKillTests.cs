using System.Text.Json;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>
/// kill -9 of the service, the agent, AzCopy and the emulated storage at random moments of a COOL or RESTORE from share to blob: every operation
/// ends, and ends right, and never do two AzCopy write at once, which the emulators' own record of requests shows.
/// </summary>
public sealed class RandomKillTests
{
    private const int Files = 24;
    private const int FileBytes = 700_000;

    [Test]
    public Task Operations_WithKillsAtRandom_EndRight([Values(21)] int seed) => RunAsync(runs: 4, seed);

    [Test]
    [Category("Long")]
    public Task HundredOperations_WithKillsAtRandom_EndRight([Values(22)] int seed) => RunAsync(runs: 100, seed);

    private static async Task RunAsync(int runs, int seed)
    {
        Random random = new(seed);
        using TempFolder folder = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync(folder.Folder("azurite"));
        await using KillableEmulators emulators = await KillableEmulators.StartAsync(folder, azurite);
        await using ServiceProcess service = await ServiceProcess.StartAsync(folder.At("data"), azurite, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["AZURE_STORAGE_FILE_ENDPOINT"] = emulators.Files.ToString(),
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = emulators.Blobs.ToString(),
        });
        string project = RunFiles.Write(folder.Folder("data", "hot", "demo"), Files, FileBytes, seed);
        SortedDictionary<string, string> before = FolderContent.Of(project);
        await service.AddAsync("demo");
        Dictionary<string, int> ends = new(StringComparer.Ordinal);
        Dictionary<string, int> kills = new(StringComparer.Ordinal);

        for (int run = 0; run < runs; run++)
        {
            string what = run % 2 == 0 ? "cool" : "restore";
            string id = await service.AskAsync("demo", what);
            for (int kill = random.Next(1, 3); kill > 0; kill--)
            {
                await Task.Delay(random.Next(0, 4000)); // any moment of an operation: that is what is tested
                foreach (string victim in await KillAsync(service, emulators, random.Next(1, 16)))
                    kills[victim] = kills.GetValueOrDefault(victim) + 1;
            }
            JsonElement end = await service.EndOfAsync(id);
            Expect(end, $"run {run} of seed {seed}", service);
            ends[end.GetProperty("status").GetString()!] = ends.GetValueOrDefault(end.GetProperty("status").GetString()!) + 1;
            FolderContent.Of(project).Should().Equal(before, $"after run {run} of seed {seed}");
            service.ProcessesOf("TIERING_JOB").Should().BeEmpty("no AzCopy outlives its operation");
        }
        int writers = ExpectOneWriter(emulators.Log);
        TestContext.Out.WriteLine(
            $"{runs} operations, seed {seed}: {string.Join(", ", ends.Select(end => $"{end.Value} {end.Key}"))}; " +
            $"killed: {string.Join(", ", kills.OrderBy(kill => kill.Key).Select(kill => $"{kill.Key} {kill.Value}"))}; {writers} AzCopy wrote, never two at once");
    }

    private static void Expect(JsonElement end, string when, ServiceProcess service)
    {
        string told = $"{end}\n{service.Output}".Replace('{', '(').Replace('}', ')');
        end.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{when}: {told}");
        end.GetProperty("copied").GetProperty("files").GetInt64().Should().Be(Files, when);
        end.GetProperty("copied").GetProperty("bytes").GetInt64().Should().Be((long)Files * FileBytes, when);
    }

    /// <returns>Who died: nobody for what did not run at that moment.</returns>
    private static async Task<IReadOnlyList<string>> KillAsync(ServiceProcess service, KillableEmulators emulators, int victims)
    {
        List<string> died = [];
        if ((victims & 1) != 0)
        {
            await service.KillAsync();
            died.Add("service");
        }
        if ((victims & 2) != 0 && await Signals.KillAsync(service.ProcessesOf("TIERING_AGENT_JOB")))
            died.Add("agent");
        if ((victims & 4) != 0 && await Signals.KillAsync(service.ProcessesOf("TIERING_JOB")))
            died.Add("AzCopy");
        if ((victims & 8) != 0)
        {
            await emulators.KillAndRestartAsync();
            died.Add("emulators");
        }
        if ((victims & 1) != 0)
            await service.StartAgainAsync();
        return died;
    }

    /// <summary>
    /// Every AzCopy has a name of its own in what it sends. A request counts when it begins: one that its sender did not live to see answered may
    /// end at any time.
    /// </summary>
    private static int ExpectOneWriter(string log)
    {
        IReadOnlyList<WriterSpan> writers = WriterSpan.Of(
            RequestLogFile.Read(log).Where(request => request.Agent.StartsWith("Tiering-", StringComparison.Ordinal)).Select(request => request with { End = request.Start }),
            request => request.Agent[..16]);
        writers.Should().NotBeEmpty();
        WriterSpan.Overlap(writers).Should().BeNull();
        return writers.Count;
    }
}
