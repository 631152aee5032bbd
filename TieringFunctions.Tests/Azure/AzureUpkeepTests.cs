using System.IO.Compression;
using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using NSubstitute;
using Tiering.Core.Catalogue;
using Tiering.Functions.Azure;
using Tiering.Functions.Upkeep;
using Tiering.Tests.Support;

namespace Tiering.Tests.Azure;

/// <summary>What ended long ago is archived with its history and purged; what settings changed is audited once.</summary>
[Category("Azure")]
public sealed class AzureUpkeepTests
{
    private readonly ManualTime time = new();
    private DurableTaskClient client = null!;
    private TableClient hub = null!;
    private string container = "";

    [SetUp]
    public async Task StartAsync()
    {
        client = Substitute.For<DurableTaskClient>("client");
        hub = AzureAccount.Service().GetTableClient(AzureAccount.NewName());
        await hub.CreateIfNotExistsAsync();
        container = AzureAccount.NewName();
    }

    [TearDown]
    public ValueTask StopAsync() => client.DisposeAsync();

    [Test]
    public async Task Instances_EndedBefore_AreArchivedWithTheirHistoryAndPurged()
    {
        await hub.AddEntityAsync(new TableEntity("old", "0000000000000000") { ["EventType"] = "ExecutionStarted", ["Input"] = "https://a/b?sig=secret" });
        await hub.AddEntityAsync(new TableEntity("old", "0000000000000001") { ["EventType"] = "ExecutionCompleted" });
        await hub.AddEntityAsync(new TableEntity("late", "0000000000000000") { ["EventType"] = "ExecutionStarted" });
        Answer(("", [Instance("old", days: -100), Instance("late", days: -1)], null));

        (await UpkeepAsync()).Should().Be(new UpkeepStep(1, More: false));

        JsonElement kept = (await ArchiveAsync()).Single();
        kept.GetProperty("id").GetString().Should().Be("old");
        kept.GetProperty("history").EnumerateArray().Select(row => row.GetProperty("EventType").GetString()).Should().Equal("ExecutionStarted", "ExecutionCompleted");
        kept.GetRawText().Should().NotContain("secret");
        await client.Received(1).PurgeInstanceAsync("old", cancellation: Arg.Any<CancellationToken>());
        await client.DidNotReceive().PurgeInstanceAsync("late", cancellation: Arg.Any<CancellationToken>());
    }

    [Test]
    public async Task Instances_SeveralPages_AreTakenOnePageAStep()
    {
        Answer(("", [Instance("a", days: -100)], "second"), ("second", [], "third"), ("third", [Instance("b", days: -100)], null));
        HubUpkeep upkeep = Upkeep();

        (await upkeep.RunAsync(client, time.GetUtcNow().AddDays(-90), default)).Should().Be(new UpkeepStep(1, More: true));
        (await upkeep.RunAsync(client, time.GetUtcNow().AddDays(-90), default)).Should().Be(new UpkeepStep(0, More: true));
        (await upkeep.RunAsync(client, time.GetUtcNow().AddDays(-90), default)).Should().Be(new UpkeepStep(1, More: false));
    }

    [Test]
    public async Task Instances_HistoryCannotBeRead_NoneIsPurged()
    {
        await hub.DeleteAsync();
        Answer(("", [Instance("old", days: -100)], null));

        await FluentActions.Awaiting(UpkeepAsync).Should().ThrowAsync<CatalogueUnavailableException>();

        await client.DidNotReceive().PurgeInstanceAsync("old", cancellation: Arg.Any<CancellationToken>());
    }

    [Test]
    public async Task Settings_ChangedBetweenStarts_AreAuditedOnceByHoweverManyInstances()
    {
        string prefix = AzureAccount.NewName();
        await StartWithAsync(prefix, "full");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartWithAsync(prefix, "sizes")));

        AuditPage page = await new TableAudit(AzureAccount.Tables(prefix, time)).ListAsync(new AuditQuery(), default);

        page.Entries.Select(entry => (entry.Action, entry.Detail)).Should().Equal((AuditActions.Setting, "TIERING_PROOF was changed from 'full' to 'sizes'"));
    }

    [Test]
    public void History_Table_IsTheOneOfTheHubInHostJson()
    {
        JsonElement host = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.RepositoryRoot, "host.json"))).RootElement;

        HubHistory.TableName.Should().Be(host.GetProperty("extensions").GetProperty("durableTask").GetProperty("hubName").GetString() + "History");
    }

    private async Task StartWithAsync(string prefix, string proof)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("TIERING_PROOF", proof), new("TIERING_TOKEN", "0123456789abcdef")]).Build();
        await new TableSettingsAudit(AzureAccount.Tables(prefix, time), configuration).StartAsync(default);
    }

    private HubUpkeep Upkeep() => new(new BlobArchive(AzureAccount.Blobs(container)), new HubHistory(hub), time);

    private Task<UpkeepStep> UpkeepAsync() => Upkeep().RunAsync(client, time.GetUtcNow().AddDays(-90), default);

    /// <summary>What the hub answers, by continuation.</summary>
    private void Answer(params (string Continuation, OrchestrationMetadata[] Instances, string? Next)[] pages) =>
        client.GetAllInstancesAsync(Arg.Any<OrchestrationQuery>()).Returns(call => Pageable.Create<OrchestrationMetadata>((_, _) =>
        {
            string asked = call.Arg<OrchestrationQuery>().ContinuationToken ?? "";
            (_, OrchestrationMetadata[] instances, string? next) = pages.Single(page => page.Continuation == asked);
            return Task.FromResult(new Page<OrchestrationMetadata>(instances, next));
        }));

    private OrchestrationMetadata Instance(string id, int days) => new("TransferOrchestration", id)
    {
        RuntimeStatus = OrchestrationRuntimeStatus.Completed,
        CreatedAt = time.GetUtcNow().AddDays(-101),
        LastUpdatedAt = time.GetUtcNow().AddDays(days),
        SerializedInput = "{}",
    };

    private async Task<JsonElement[]> ArchiveAsync()
    {
        BlobFolder blobs = AzureAccount.Blobs(container);
        string name = (await blobs.ListAsync("archive", default)).Single();
        using MemoryStream file = new();
        await blobs.TryReadAsync("archive/" + name, file, default);
        file.Position = 0;
        using StreamReader reader = new(new GZipStream(file, CompressionMode.Decompress));
        return [.. (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
