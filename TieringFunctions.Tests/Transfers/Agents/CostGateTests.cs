using Microsoft.Extensions.Logging.Abstractions;
using Tiering.Core;
using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>The veto as an agent sees it: a job folder whose manifest is complete.</summary>
public sealed class CostGateTests
{
    private const long GiB = 1 << 30;
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);
    private static readonly Proof Sizes = new(ProofMode.Sizes);
    private static readonly PriceTable Prices = PriceTable.Default with
    {
        Hot = PriceTable.Default.Hot with { Share = new StorePrices { CapacityPerGiBMonth = 0.1m } },
        Cool = PriceTable.Default.Cool with { Blob = new StorePrices { CapacityPerGiBMonth = 0.02m, WritesPer10000 = 10 } },
    };

    private TempFolder folder = null!;

    [SetUp]
    public void SetUp() => folder = new TempFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    // A month saves 0.08; 129 writes cost 0.129, the 16,385 that a bound of 1 Mbps forces 16.385.
    [TestCase(null, false)]
    [TestCase("1", true)]
    public async Task Check_UnderABound_CountsTheSmallerBlocks(string? cap, bool isRefused)
    {
        TransferSession session = await OpenAsync(
            new Location(LocationKind.Share, "https://h.example/s/demo", "https://h.example/s"),
            new Location(LocationKind.Blob, "https://h.example/c/demo", "https://h.example/c"),
            new CostVeto(12, Prices));
        AzCopyDataCopy copy = new(new AzCopyOptions { Caps = BandwidthTimetable.Parse(cap, LocalZone.Paris) }, TimeProvider.System, NullLogger.Instance);

        Func<Task> check = () => CostGate.CheckAsync(session, Sizes, copy.BlockBytesOf(session), Now, CancellationToken.None);

        if (isRefused)
            (await check.Should().ThrowAsync<TransferFailedException>()).Which.Code.Should().Be("not-worth-cooling");
        else
            await check.Should().NotThrowAsync();
    }

    [TestCase(5, true)]
    [TestCase(29, false, Description = "a day is left: 0.0066")]
    [TestCase(30, false)]
    [TestCase(null, false)]
    public async Task Check_OverACoolOfSomeDaysAgo_SeesItsEarlyDeletion(int? days, bool isRefused)
    {
        PriceTable prices = Prices with { Cool = Prices.Cool with { Folder = new StorePrices { CapacityPerGiBMonth = 0.02m, MinimumObjectBytes = GiB, EarlyDeletionDays = 30 } } };
        for (int i = 0; i < 10; i++)
            folder.File($"cool/demo/{i}", "billed as a GiB");
        TransferSession session = await OpenAsync(
            new Location(LocationKind.Share, "https://h.example/s/demo", "https://h.example/s"),
            new Location(LocationKind.Folder, folder.At("cool", "demo"), folder.At("cool")),
            new CostVeto(1, prices) { CooledAt = days is { } ago ? Now.AddDays(-ago) : null });

        Func<Task> check = () => CostGate.CheckAsync(session, Sizes, blockBytes: null, Now, CancellationToken.None);

        if (isRefused) // 10 GiB at 0.02 for 25 days are 0.16; a month saves 0.08
            (await check.Should().ThrowAsync<TransferFailedException>()).Which.Code.Should().Be("not-worth-cooling");
        else
            await check.Should().NotThrowAsync();
    }

    /// <summary>A session about to move one file of a GiB.</summary>
    private async Task<TransferSession> OpenAsync(Location source, Location destination, CostVeto veto)
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.NewGuid());
        string job = folder.Folder("job");
        AtomicFile.WriteJson(Path.Combine(job, JobFiles.Job), new TransferJob(key, source, destination) { CostVeto = veto });
        AtomicFile.WriteJson(Path.Combine(job, AgentCheckpoint.FileName), new AgentCheckpoint { SourceInventoried = true });
        foreach (string name in (string[])[JobFiles.Manifest, JobFiles.Source])
        {
            await using ManifestWriter writer = ManifestWriter.Create(Path.Combine(job, name), new ManifestHeader(key.Project, key, source.Kind, Now));
            await writer.WriteAsync(FileAt("a", GiB), CancellationToken.None);
            await writer.CompleteAsync(CancellationToken.None);
        }
        using HttpClient http = ProjectStores.CreateClient();
        return await TransferSession.OpenAsync(new DirectoryJobFolder(job), attempt: 1, new ProjectStores(http), TimeProvider.System, CancellationToken.None);
    }
}
