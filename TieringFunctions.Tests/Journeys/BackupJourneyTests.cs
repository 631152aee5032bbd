using System.Text;
using System.Text.Json;
using Tiering.Cli;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.Emulators.Blobs;
using Tiering.Tests.Cli;
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
        await using BlobFrontEmulator front = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint });
        HeldRequests held = front.Faults.HoldWrites("cool/running/big.bin");
        string data = temp.Folder("data");
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["DATA_FOLDER"] = temp.Folder("hot"), ["AZURE_STORAGE_BLOB_ENDPOINT"] = front.Endpoint.ToString() };
        string cooled;
        string running;
        await using (ServiceProcess first = await ServiceProcess.StartAsync(data, azurite, settings))
        {
            temp.File("hot/cooled/a.txt", "cooled");
            await first.AddAsync("cooled");
            cooled = (await first.MoveAsync("cooled", "cool")).GetProperty("id").GetString()!;
            temp.File("hot/running/a.txt", "running");
            temp.File("hot/running/big.bin", "held");
            await first.AddAsync("running");
            running = await first.AskAsync("running", "cool");
            await held.ArriveAsync();
            await first.WaitAsync(() => azurite.ListAsync("cool"), names => names.Contains("running/a.txt"), "half of the copy");

            await RunAsync(first, "backup", temp.At("backup"));

            (await first.ShowAsync(running)).GetProperty("status").GetString().Should().Be("RUNNING", "it is backed up amid the copy");
            string job = Path.GetFileName(first.JobOf(running));
            Directory.EnumerateDirectories(temp.At("backup", "jobs")).Select(Path.GetFileName).Should().Equal(job);
            Directory.EnumerateFileSystemEntries(temp.At("backup", "jobs", job)).Select(Path.GetFileName).Should()
                .Contain([JobFiles.Job, JobFiles.Manifest, JobFiles.Agent, AgentCheckpoint.FileName]).And.NotContain([JobFiles.Access, "azcopy", "agent.log"]);
            foreach (string file in Directory.EnumerateFiles(temp.At("backup"), "*", SearchOption.AllDirectories))
                Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)).Should().NotContain("sig=").And.NotContain(AzuriteServer.Key);
            (await first.RefusalAsync(HttpMethod.Post, "/api/backups", new { directory = temp.At("backup") })).Status.Should().Be(400);
            (await first.RefusalAsync(HttpMethod.Post, "/api/backups", new { directory = "here" })).Status.Should().Be(400);
        } // the machine is lost: service, agents and state

        string fresh = temp.Folder("fresh");
        await RunAsync(service: null, "restore-backup", temp.At("backup"), "--to", fresh);
        held.Dispose();
        await using ServiceProcess second = await ServiceProcess.StartAsync(fresh, azurite, new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["TIERING_TOKEN"] = "a-token-of-16-or-more" });

        (await second.StateAsync("cooled")).Should().Be("COOL");
        (await second.ShowAsync(cooled)).GetProperty("status").GetString().Should().Be("SUCCEEDED");
        (await second.SendAsync(HttpMethod.Get, $"/api/operations/{cooled}/certificate")).ValueKind.Should().Be(JsonValueKind.Object);
        JsonElement ended = await second.EndOfAsync(running);
        if (ended.GetProperty("status").GetString() == "FAILED") // it began between the copies of hub and catalogue
            ended = await second.RetryAsync(ended);
        ended.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{ended}\n{second.Output}");
        (await second.StateAsync("running")).Should().Be("COOL");
        (await second.SendAsync(HttpMethod.Get, "/api/projects/running")).TryGetProperty("claim", out _).Should().BeFalse("nothing holds it any more");
        File.Exists(temp.At("hot", "running", "big.bin")).Should().BeTrue();
        foreach (string project in (string[])["cooled", "running"])
            (await second.MoveAsync(project, "restore")).GetProperty("status").GetString().Should().Be("SUCCEEDED", second.Output);
    }

    [Test]
    public async Task Cool_WroteAfterTheBackup_IsTakenUpWhereHotIsTheSameAndElseSaysWhatToDo()
    {
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["DATA_FOLDER"] = temp.Folder("hot"), ["TIERING_TOKEN"] = "0123456789abcdef-operator" };
        foreach (string project in (string[])["same", "edited"])
        {
            temp.File($"hot/{project}/runs/a.txt", "first");
            temp.File($"hot/{project}/runs/b.txt", "second");
        }
        await using (ServiceProcess first = await ServiceProcess.StartAsync(temp.Folder("data"), azurite, settings))
        {
            await first.AddAsync("same");
            await first.AddAsync("edited");
            await RunAsync(first, "backup", temp.At("backup"));
            foreach (string project in (string[])["same", "edited"])
                (await first.MoveAsync(project, "cool")).GetProperty("status").GetString().Should().Be("SUCCEEDED", first.Output);
        }
        temp.File("hot/edited/runs/a.txt", "FIRST");
        File.Delete(temp.At("hot", "edited", "runs", "b.txt"));
        await RunAsync(null, "restore-backup", temp.At("backup"), "--to", temp.At("restored"));

        await using ServiceProcess second = await ServiceProcess.StartAsync(temp.At("restored"), azurite, settings);

        (await second.MoveAsync("same", "cool")).GetProperty("status").GetString().Should().Be("SUCCEEDED", second.Output);
        JsonElement failed = await second.MoveAsync("edited", "cool");
        JsonElement error = failed.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be("destination-not-explained");
        string id = failed.GetProperty("id").GetString()!;
        error.GetProperty("message").GetString().Should().Contain("runs/a.txt").And.Contain("runs/b.txt").And.Contain($"tiering operation retry {id} --take-over");
        (await second.StateAsync("edited")).Should().Be("ERROR", "no night may come back to it");
        (await azurite.ListAsync("cool")).Should().Contain("edited/runs/b.txt", "nothing was touched");
        (await second.RetryAsync(failed)).GetProperty("error").GetProperty("code").GetString().Should().Be("destination-not-explained", "nobody has given it up yet");

        CommandLine command = new(second.Http.BaseAddress!, second.Http.DefaultRequestHeaders.Authorization!.Parameter);
        (await command.RunAsync(["operation", "retry", id, "--take-over", "--wait"])).Should().Be(ExitCode.Ok, command.Error + command.Output);

        (await second.StateAsync("edited")).Should().Be("COOL");
        (await azurite.ListAsync("cool")).Where(name => name.StartsWith("edited/", StringComparison.Ordinal)).Should().Equal("edited/runs/a.txt");
        Encoding.UTF8.GetString(await azurite.GetBlobAsync("cool", "edited/runs/a.txt")).Should().Be("FIRST");
        (await second.SendAsync(HttpMethod.Get, "/api/audit?project=edited")).ToString().Should().Contain("takes over what lies at the destination");
    }

    private static async Task RunAsync(ServiceProcess? service, params string[] arguments)
    {
        CommandLine command = service is null
            ? new CommandLine(new Uri("http://127.0.0.1:9"))
            : new CommandLine(service.Http.BaseAddress!, service.Http.DefaultRequestHeaders.Authorization!.Parameter);
        (await command.RunAsync(arguments)).Should().Be(ExitCode.Ok, command.Error);
        command.Output.Should().Contain(" files");
    }
}
