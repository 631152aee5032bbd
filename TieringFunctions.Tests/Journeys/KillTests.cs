using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>kill -9 of the service, the agent and AzCopy at random moments: every operation ends, and ends right.</summary>
public sealed class KillTests
{
    private const int Files = 40;
    private const int FileBytes = 1_500_000;

    [Test]
    public Task CoolAndRestore_KilledNowAndThen_EndRight() => RunAsync(kills: 6, seed: 1);

    [Test]
    [Category("Long")]
    public Task CoolAndRestore_KilledManyTimes_EndRight([Values(11, 12, 13, 14)] int seed) => RunAsync(kills: 30, seed);

    private static async Task RunAsync(int kills, int seed)
    {
        Random random = new(seed);
        using TempFolder folder = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync(folder.Folder("azurite"));
        await using ServiceProcess service = await ServiceProcess.StartAsync(folder.Folder("data"), azurite);
        string project = Fill(Path.Combine(service.Hot, "demo"), seed);
        IReadOnlyList<string> before = FolderListing.Of(project);
        await service.AddAsync("demo");

        for (int done = 0; done < kills;)
        {
            foreach (string what in new[] { "cool", "restore" })
            {
                string id = await service.AskAsync("demo", what);
                int hits = random.Next(1, 3);
                for (int hit = 0; hit < hits; hit++, done++)
                    await KillSomethingAsync(service, random);
                JsonElement end = await service.EndOfAsync(id);
                end.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"after {done} kills: {end}\n{service.Output}");
                end.GetProperty("copied").GetProperty("files").GetInt64().Should().Be(Files);
                end.GetProperty("copied").GetProperty("bytes").GetInt64().Should().Be((long)Files * FileBytes);
                service.ProcessesOf("TIERING_JOB").Should().BeEmpty("no AzCopy outlives its operation");
            }
            FolderListing.Of(project).Should().Equal(before);
        }
        JsonElement all = await service.SendAsync(HttpMethod.Get, "/api/operations?limit=1000");
        all.GetProperty("items").EnumerateArray().Should().OnlyContain(operation => operation.GetProperty("status").GetString() == "SUCCEEDED");
    }

    private static async Task KillSomethingAsync(ServiceProcess service, Random random)
    {
        await Task.Delay(random.Next(0, 3500)); // any moment of an operation: that is what is tested
        int victims = random.Next(1, 8);
        if ((victims & 1) != 0)
            await service.KillAsync();
        if ((victims & 2) != 0)
            await Signals.KillAsync(service.ProcessesOf("TIERING_AGENT_JOB"));
        if ((victims & 4) != 0)
            await Signals.KillAsync(service.ProcessesOf("TIERING_JOB"));
        if ((victims & 1) != 0)
            await service.StartAgainAsync();
    }

    private static string Fill(string project, int seed)
    {
        RunFiles.Write(project, Files, FileBytes, seed);
        Directory.CreateDirectory(Path.Combine(project, "empty", "too"));
        File.CreateSymbolicLink(Path.Combine(project, "link"), "run 1");
        return project;
    }
}
