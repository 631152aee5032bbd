using System.Text.Json;
using Tiering.Core.Backups;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>A back-up of the real service while it works, restored into a fresh state folder.</summary>
public sealed class BackupJourneyTests
{
    [Test]
    public async Task Backup_WhileATransferRuns_RestoredElsewhere_EverythingEnds()
    {
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        string data = temp.Folder("data");
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["DATA_FOLDER"] = temp.Folder("hot"), ["AZCOPY_CAP_MBPS"] = "40" };
        string cooled;
        string running;
        await using (ServiceProcess first = await ServiceProcess.StartAsync(data, azurite, settings))
        {
            temp.File("hot/cooled/a.txt", "cooled");
            await first.AddAsync("cooled");
            cooled = (await first.MoveAsync("cooled", "cool")).GetProperty("id").GetString()!;
            byte[] big = new byte[20 << 20];
            new Random(3).NextBytes(big);
            temp.File("hot/running/a.txt", "running");
            await File.WriteAllBytesAsync(temp.At("hot", "running", "big.bin"), big);
            await first.AddAsync("running");
            running = await first.AskAsync("running", "cool");
            await first.PhaseAsync(running, TransferPhase.Copy);

            JsonElement made = await first.SendAsync(HttpMethod.Post, "/api/backups", new { directory = temp.At("backup") });

            made.GetProperty("files").GetInt64().Should().BeGreaterThanOrEqualTo(4, "two databases, a manifest and a certificate");
            (await first.RefusalAsync(HttpMethod.Post, "/api/backups", new { directory = temp.At("backup") })).Status.Should().Be(400);
            (await first.RefusalAsync(HttpMethod.Post, "/api/backups", new { directory = "here" })).Status.Should().Be(400);
        } // the machine is lost: service, agents and state

        string fresh = temp.Folder("fresh");
        BackupList.Restore(temp.At("backup"), fresh);
        await using ServiceProcess second = await ServiceProcess.StartAsync(fresh, azurite, new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["TIERING_TOKEN"] = "a-token-of-16-or-more" });

        (await second.StateAsync("cooled")).Should().Be("COOL");
        (await second.ShowAsync(cooled)).GetProperty("status").GetString().Should().Be("SUCCEEDED");
        (await second.SendAsync(HttpMethod.Get, $"/api/operations/{cooled}/certificate")).ValueKind.Should().Be(JsonValueKind.Object);
        JsonElement ended = await second.EndOfAsync(running); // its job folder was lost with the machine
        if (ended.GetProperty("status").GetString() == "FAILED")
        {
            JsonElement again = await second.RetryAsync(ended);
            if (again.GetProperty("status").GetString() == "FAILED") // half of a copy lies there, whose manifest was lost as well: nothing is overwritten or removed that nobody can explain
                again.GetProperty("error").GetProperty("code").GetString().Should().Be("destination-not-explained", $"{again}\n{second.Output}");
        }
        (await second.SendAsync(HttpMethod.Get, "/api/projects/running")).TryGetProperty("claim", out _).Should().BeFalse("nothing holds it any more");
        File.Exists(temp.At("hot", "running", "big.bin")).Should().BeTrue();
        (await second.MoveAsync("cooled", "restore")).GetProperty("status").GetString().Should().Be("SUCCEEDED", second.Output);
    }
}
