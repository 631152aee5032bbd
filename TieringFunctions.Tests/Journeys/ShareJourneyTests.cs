using System.Globalization;
using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Requests;
using Tiering.Tests.Emulators;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The real service with HOT in an emulated file share.</summary>
public sealed class ShareJourneyTests
{
    private const int Files = 40;

    [Test]
    [Category("Long")] // access lives a third of a minute at least, and has to run out
    public async Task CoolDeleteRestore_AccessRunsOutUnderTheJob_IsRenewedAndAllComesBack()
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
            ["TIERING_ACCESS_HOURS"] = "0.006", // 21.6 s
        });
        for (int i = 0; i < Files; i++)
            folder.File(string.Create(CultureInfo.InvariantCulture, $"data/hot/demo/run {i % 3}/{i}.txt"), $"{i}");
        SortedDictionary<string, string> before = FolderContent.Of(folder.At("data", "hot", "demo"));
        await service.AddAsync("demo");
        // What the first AzCopy asks for is looked at only when its access has run out.
        faults.Add(new() { Server = "blobs", Operation = "PutBlobFromUrl", DelayMilliseconds = 23_000, Count = Files });

        JsonElement cooled = await service.MoveAsync("demo", "cool");

        cooled.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{cooled}\n{service.Output}".Replace('{', '(').Replace('}', ')'));
        cooled.GetProperty("copied").GetProperty("files").GetInt64().Should().Be(Files);
        log.Ended.Should().Contain(request => request.Status == 403 && request.Operation == "PutBlobFromUrl", "the access did run out");
        IReadOnlyList<WriterSpan> writers = WriterSpan.Of(log.Ended.Where(request => request.Agent.StartsWith("Tiering-", StringComparison.Ordinal)), request => request.Agent[..16]);
        writers.Should().HaveCountGreaterThan(1);
        WriterSpan.Overlap(writers).Should().BeNull();

        (await service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        (await service.MoveAsync("demo", "restore")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        FolderContent.Of(folder.At("data", "hot", "demo")).Should().Equal(before);
    }
}
