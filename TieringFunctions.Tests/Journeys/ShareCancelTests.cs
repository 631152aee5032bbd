using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Cancelling a RESTORE into an emulated file share while the share is being written.</summary>
public sealed class ShareCancelTests
{
    [Test]
    public async Task RunningRestore_Cancelled_EndsAzCopyTakesBackWhatItWroteAndARetryGoesWell()
    {
        using TempFolder folder = new();
        using RequestLog log = new();
        FaultSet faults = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await using FileShareEmulator share = await FileShareEmulator.StartAsync(new()
        {
            Root = folder.Folder("shares"), Shares = { ["hot"] = folder.Folder("data", "hot") }, Faults = faults, Log = log,
        });
        await using BlobFrontEmulator blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint, Faults = faults, Log = log });
        await using ServiceProcess service = await ServiceProcess.StartAsync(folder.At("data"), azurite, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["AZURE_STORAGE_FILE_ENDPOINT"] = share.Endpoint.ToString(),
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = blobs.Endpoint.ToString(),
        });
        string project = folder.At("data", "hot", "demo");
        foreach (string name in (string[])["first.txt", "sub/second.txt", "held.txt", "sub/held.txt"])
            folder.File($"data/hot/demo/{name}", name);
        SortedDictionary<string, string> before = FolderContent.Of(project);
        await service.AddAsync("demo");
        Succeeded(await service.MoveAsync("demo", "cool"), service);
        (await service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        // Made in full length, and never filled.
        faults.Add(new() { Server = "files", Operation = "PutRangeFromUrl", Path = "hot/demo/*held.txt", DelayMilliseconds = 3_600_000 });
        string id = await service.AskAsync("demo", "restore");
        await service.WaitAsync(() => Task.FromResult(log.Active), active => active.Count(request => request.Operation == "PutRangeFromUrl") == 2, "the requests that hang");
        await service.WaitAsync(() => Task.FromResult(Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Count()), files => files == 4, "all files");
        service.ProcessesOf("TIERING_JOB").Should().ContainSingle();

        DateTimeOffset asked = DateTimeOffset.UtcNow;
        await service.SendAsync(HttpMethod.Post, $"/api/operations/{id}/cancel");
        await service.WaitAsync(() => Task.FromResult(service.ProcessesOf("TIERING_JOB")), left => left.Count == 0, "the end of AzCopy");
        TestContext.Out.WriteLine($"AzCopy had ended {(DateTimeOffset.UtcNow - asked).TotalSeconds:0.0} s after the cancellation was asked for");

        JsonElement failed = await service.EndOfAsync(id);
        failed.GetProperty("status").GetString().Should().Be("FAILED");
        failed.GetProperty("error").GetProperty("code").GetString().Should().Be("cancelled", failed.ToString());
        (await service.StateAsync("demo")).Should().Be("ERROR");
        Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Should().BeEmpty("what was half written was taken back, and what was whole too");
        service.ProcessesOf("TIERING_JOB").Should().BeEmpty();
        await service.WaitAsync(() => Task.FromResult(service.ProcessesOf("TIERING_AGENT_JOB")), left => left.Count == 0, "the end of the agent");

        faults.Clear();
        Succeeded(await service.RetryAsync(failed), service);
        FolderContent.Of(project).Should().Equal(before);
    }

    private static void Succeeded(JsonElement operation, ServiceProcess service) =>
        operation.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{operation}\n{service.Output}".Replace('{', '(').Replace('}', ')'));
}
