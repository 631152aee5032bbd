using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Manifests;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Functions.Embedded;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Upkeep;
using Tiering.Tests.EmbeddedHost;
using Tiering.Tests.Support;

namespace Tiering.Tests.Upkeep;

/// <summary>What ended long ago is archived and removed; what lives, or ended lately, stays.</summary>
public sealed class UpkeepTaskTests
{
    private TempFolder folder = null!;
    private Archive archive = null!;

    [SetUp]
    public void Start()
    {
        folder = new TempFolder();
        archive = new Archive(folder.At("archive"));
    }

    [TearDown]
    public void Remove() => folder.Dispose();

    [Test]
    public async Task Instances_EndedBefore_AreArchivedWholeAndPurged()
    {
        await using TestHost host = await TestHost.StartAsync(_ => { }, typeof(Short));
        for (int i = 0; i < 5; i++)
            await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Short), $"done-{i}", new StartOrchestrationOptions($"done-{i}"));
        for (int i = 0; i < 5; i++)
            await host.Client.WaitForInstanceCompletionAsync($"done-{i}", getInputsAndOutputs: false, default);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Short), "wait", new StartOrchestrationOptions("live"));
        InstanceUpkeep upkeep = new(host.Services.GetRequiredService<TaskHubAdministration>(), archive, TimeProvider.System);

        (await upkeep.RunAsync(host.Client, DateTimeOffset.UtcNow.AddHours(-1), default)).Should().Be(new UpkeepStep(0, More: false));
        (await upkeep.RunAsync(host.Client, DateTimeOffset.UtcNow.AddHours(1), default)).Should().Be(new UpkeepStep(5, More: false));

        (await host.Client.GetInstanceAsync("done-3")).Should().BeNull();
        (await host.Client.GetInstanceAsync("live")).Should().NotBeNull();
        JsonElement[] kept = ReadArchive();
        kept.Select(line => line.GetProperty("id").GetString()).Should().BeEquivalentTo("done-0", "done-1", "done-2", "done-3", "done-4");
        kept[0].GetProperty("steps").GetArrayLength().Should().BePositive();
        kept[0].GetProperty("rows").GetArrayLength().Should().BePositive();
        kept[0].GetProperty("output").GetString().Should().Contain("done-");
    }

    [Test]
    public async Task JobFolders_OfEndedOperations_AreArchivedAndRemoved()
    {
        ManualTime time = new(DateTimeOffset.UtcNow);
        await using SqliteDatabase database = new(folder.At("tiering.db"));
        SqliteCatalogue catalogue = new(database, time, dropIn: false);
        string jobs = folder.Folder("jobs");
        OperationKey ended = await AcceptAsync(catalogue, "ended");
        await catalogue.FinishAsync(ended, new OperationOutcome { Error = new OperationError("x", "x") }, default);
        OperationKey live = await AcceptAsync(catalogue, "live");
        folder.File($"jobs/{ended.InstanceId}/{JobFiles.Verdict}", """{"attempt":1,"finishedAt":"2026-01-01T00:00:00Z"}""");
        folder.File($"jobs/{ended.InstanceId}/azcopy/plans/p", "plan");
        folder.File($"jobs/{live.InstanceId}/{JobFiles.Job}", "{}");
        folder.Folder("jobs", "somebody-elses");
        JobFolderUpkeep upkeep = new(catalogue, new DirectoryJobFolders(jobs, new FileManifestStore(folder.Folder("manifests"))), archive, time);

        (await upkeep.RunAsync(null!, time.GetUtcNow().AddDays(-1), default)).Removed.Should().Be(0, "it ended lately");
        (await upkeep.RunAsync(null!, time.GetUtcNow().AddDays(1), default)).Should().Be(new UpkeepStep(1, More: false));

        Directory.EnumerateDirectories(jobs).Select(Path.GetFileName).Should().BeEquivalentTo([live.InstanceId, "somebody-elses"]);
        JsonElement line = ReadArchive().Single();
        line.GetProperty("operation").GetProperty("status").GetString().Should().Be("FAILED");
        line.GetProperty("files").GetProperty(JobFiles.Verdict).GetString().Should().Contain("finishedAt");
    }

    private static async Task<OperationKey> AcceptAsync(SqliteCatalogue catalogue, string slug)
    {
        OperationKey key = new(ProjectSlug.Parse(slug), OperationType.Cool, Guid.NewGuid());
        await catalogue.AddProjectAsync(key.Project, LifecycleState.Hot, Caller.Service, default);
        await catalogue.AcceptAsync(new OperationRequest(key, "o"), default);
        return key;
    }

    private JsonElement[] ReadArchive()
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(Directory.EnumerateFiles(folder.At("archive")).Single()), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public static class Short
    {
        [Function(nameof(Short))]
        public static async Task<string> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            string input = context.GetInput<string>()!;
            if (input == "wait")
                await context.WaitForExternalEvent<string>("Go");
            return input;
        }
    }
}
