using Tiering.Core.Costs;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Costs;

/// <summary>Every expected figure was worked out by hand; the sums stand beside them.</summary>
public sealed class CostModelTests
{
    private const long KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;
    private static readonly DateOnly Today = new(2026, 3, 1);
    private static readonly Proof Sizes = new(ProofMode.Sizes);
    private static readonly Proof Full = new(ProofMode.Full);

    // Round figures, so that the sums can be followed.
    private static readonly PriceTable Prices = PriceTable.Default with
    {
        Hot = new RolePrices
        {
            Folder = new StorePrices { CapacityPerGiBMonth = 0.1m },
            Share = new StorePrices { CapacityPerGiBMonth = 0.1m, WritesPer10000 = 2, ReadsPer10000 = 1, ListsPer10000 = 4 },
            Blob = new StorePrices { CapacityPerGiBMonth = 0.1m },
        },
        Cool = new RolePrices
        {
            Folder = new StorePrices { CapacityPerGiBMonth = 0.02m },
            Share = new StorePrices { CapacityPerGiBMonth = 0.02m },
            Blob = new StorePrices
            {
                CapacityPerGiBMonth = 0.02m, WritesPer10000 = 10, ReadsPer10000 = 5, ListsPer10000 = 20, RetrievalPerGiB = 0.01m,
                MinimumObjectBytes = 128 * KiB, EarlyDeletionDays = 30,
            },
        },
    };

    [TestCase(0, 1)]
    [TestCase(8 * MiB, 1)]
    [TestCase((8 * MiB) + 1, 3, Description = "two blocks and their list")]
    [TestCase(20 * MiB, 4)]
    [TestCase(500 * GiB, 32_001, Description = "16 MiB blocks: 50,000 of 8 MiB would not do")]
    public void Survey_AFileToBlob_WritesSoOften(long bytes, long writes) =>
        Survey(LocationKind.Folder, LocationKind.Blob, bytes).DestinationWrites.Should().Be(writes);

    // A bound of 1 Mbps lets AzCopy copy from a service in blocks of 64 KiB: 16 to a MiB.
    [TestCase(LocationKind.Share, LocationKind.Blob, MiB, 18, 17, Description = "two looks and 16 blocks; 16 blocks and their list")]
    [TestCase(LocationKind.Blob, LocationKind.Share, MiB, 17, 18, Description = "a look and 16 ranges; 16 ranges, made, put back")]
    [TestCase(LocationKind.Blob, LocationKind.Folder, 5 * GiB, 81_921, 0, Description = "a folder has no limit of blocks")]
    [TestCase(LocationKind.Folder, LocationKind.Blob, 8 * MiB, 0, 1, Description = "AzCopy cuts what it sends itself")]
    public void Survey_UnderABound_CountsTheBlocksThatItForces(LocationKind source, LocationKind destination, long bytes, long reads, long writes)
    {
        TransferSurvey survey = new(source, destination, minimumObjectBytes: 0, CopyBlocks.SizeBytes(source, destination, lowestCapMbps: 1));
        survey.Add(new InventoryEntry("f", EntryKind.File, bytes));
        (survey.SourceReads, survey.DestinationWrites).Should().Be((reads, writes));
    }

    [Test]
    public void Survey_SmallFiles_AreBilledWithTheLeastSize() =>
        Survey(LocationKind.Folder, LocationKind.Blob, 0, 1, 128 * KiB, 200 * KiB).BilledBytes.Should().Be((3 * 128 * KiB) + (200 * KiB));

    [Test]
    public void Cool_TenGiBFilesFromAFolder_CostsWhatTheSumSays()
    {
        TransferSurvey survey = Survey(LocationKind.Folder, LocationKind.Blob, [.. Enumerable.Repeat(GiB, 10)]);

        TransferSurvey back = Survey(LocationKind.Blob, LocationKind.Folder, [.. Enumerable.Repeat(GiB, 10)]);
        CostEstimate cost = CostModel.Cool(survey, LocationKind.Folder, LocationKind.Blob, Sizes, Prices, Today, new WayBack(back, Full));

        // 10 x (128 blocks + 1 list) = 1,290 writes at 10 / 10,000 = 1.29; 3 listings at 20 / 10,000 = 0.006; 10 looks at 5 / 10,000 = 0.005
        Amounts(cost).Should().BeEquivalentTo(new Dictionary<string, decimal> { ["cool-writes"] = 1.29m, ["cool-lists"] = 0.006m, ["cool-reads"] = 0.005m });
        cost.Once.Should().Be(1.301m);
        cost.HotPerMonth.Should().Be(1);
        cost.CoolPerMonth.Should().Be(0.2m);
        cost.SavedPerMonth.Should().Be(0.8m);
        cost.BreakEven.Should().Be(Today.AddDays(50)); // 1.301 / 0.8 x 365 / 12 = 49.47
        cost.EarlyDeletion.Should().BeApproximately(0.2m * 30 * 12 / 365, 1e-20m); // the whole 30 days

        // The copy: 10 x (128 blocks + 1 look) = 1,290 reads at 5 / 10,000 = 0.645, and 10 GiB at 0.01 = 0.1. The full proof: 10 reads = 0.005, and the 10 GiB
        // once more = 0.1. 3 listings at 20 / 10,000 = 0.006. A folder's side costs nothing.
        cost.Return.Should().Be(0.856m);
    }

    [Test]
    public void Cool_TheWayBack_IsWhatTheRestoreCosts([Values(LocationKind.Folder, LocationKind.Share)] LocationKind hot)
    {
        long[] sizes = [.. Enumerable.Repeat(KiB, 100), 20 * MiB];
        TransferSurvey back = Survey(LocationKind.Blob, hot, sizes);

        CostEstimate cost = CostModel.Cool(Survey(hot, LocationKind.Blob, sizes), hot, LocationKind.Blob, Sizes, Prices, Today, new WayBack(back, Full));

        cost.Return.Should().Be(CostModel.Restore(back, hot, LocationKind.Blob, Full, Prices, days: 400).Once);
        CostModel.Cool(Survey(hot, LocationKind.Blob, sizes), hot, LocationKind.Blob, Sizes, Prices, Today).Return.Should().BeNull();
    }

    [TestCase(0, 30)]
    [TestCase(12, 18)]
    [TestCase(30, 0)]
    [TestCase(null, 0, Description = "what was not recorded counts as old enough")]
    public void Cool_OverWhatLaysThere_PaysForTheRestOfItsDays(int? days, int left)
    {
        TransferSurvey survey = Survey(LocationKind.Folder, LocationKind.Blob, GiB);

        CostEstimate cost = CostModel.Cool(survey, LocationKind.Folder, LocationKind.Blob, Sizes, Prices, Today, replaced: new ReplacedData(10 * GiB, days));

        CostEstimate first = CostModel.Cool(survey, LocationKind.Folder, LocationKind.Blob, Sizes, Prices, Today);
        decimal early = 0.2m * left * 12 / 365; // 10 GiB at 0.02 a month
        Amounts(cost).GetValueOrDefault("early-deletion").Should().BeApproximately(early, 1e-20m);
        cost.Once.Should().BeApproximately(first.Once + early, 1e-20m);
        (cost.EarlyDeletion, cost.SavedPerMonth).Should().Be((first.EarlyDeletion, first.SavedPerMonth));
    }

    [Test]
    public void Cool_FullProof_PaysForReadingItBack()
    {
        TransferSurvey survey = Survey(LocationKind.Share, LocationKind.Blob, GiB, GiB);

        CostEstimate cost = CostModel.Cool(survey, LocationKind.Share, LocationKind.Blob, Full, Prices, Today);

        Amounts(cost).Should().BeEquivalentTo(new Dictionary<string, decimal>
        {
            ["cool-writes"] = 0.258m, // 2 x 129 at 10 / 10,000
            ["hot-reads"] = 0.026m, // 2 x (2 looks + 128 blocks) at 1 / 10,000
            ["hot-lists"] = 0.0012m, // 3 x 1 folder at 4 / 10,000
            ["cool-lists"] = 0.006m, // 3 x 1 page at 20 / 10,000
            ["cool-reads"] = 0.001m, // 2 looks at 5 / 10,000
            ["proof-hot-reads"] = 0.0002m, // 2 at 1 / 10,000
            ["proof-cool-reads"] = 0.001m, // 2 at 5 / 10,000
            ["proof-cool-retrieval"] = 0.02m, // 2 GiB at 0.01
        });
    }

    [Test]
    public void Cool_AMillionTinyFiles_NeverPaysForItself()
    {
        TransferSurvey survey = Survey(LocationKind.Share, LocationKind.Blob, [.. Enumerable.Repeat(KiB, 1000)]);

        CostEstimate cost = CostModel.Cool(survey, LocationKind.Share, LocationKind.Blob, Sizes, Prices, Today);

        cost.HotPerMonth.Should().Be(1000 * KiB / (decimal)GiB * 0.1m);
        cost.CoolPerMonth.Should().Be(128_000 * KiB / (decimal)GiB * 0.02m); // 128 times the size, a fifth of the price
        cost.SavedPerMonth.Should().BeNegative();
        cost.BreakEven.Should().BeNull();
        CostModel.FindVeto(cost, horizonMonths: 1200)!.Code.Should().Be("not-worth-cooling");
    }

    [TestCase(0, 30)]
    [TestCase(12, 18)]
    [TestCase(30, 0)]
    [TestCase(400, 0)]
    public void Restore_SoonAfterTheCool_EarlyDeletionIsProrated(int days, int left)
    {
        TransferSurvey survey = Survey(LocationKind.Blob, LocationKind.Share, 10 * GiB);

        CostEstimate cost = CostModel.Restore(survey, LocationKind.Share, LocationKind.Blob, Sizes, Prices, days);

        cost.EarlyDeletion.Should().BeApproximately(0.2m * left * 12 / 365, 1e-20m);
        Amounts(cost).Should().BeEquivalentTo(new Dictionary<string, decimal>
        {
            ["cool-reads"] = 1.2805m, // 2,560 ranges of 4 MiB and one look, at 5 / 10,000
            ["cool-retrieval"] = 0.1m, // 10 GiB at 0.01
            ["hot-writes"] = 0.5124m, // 2,560 ranges, made, put back, at 2 / 10,000
            ["cool-lists"] = 0.006m, // 3 pages at 20 / 10,000
            ["hot-lists"] = 0.0012m, // 3 x 1 folder at 4 / 10,000
            ["hot-reads"] = 0.0001m, // 1 look at 1 / 10,000
        });
    }

    [Test]
    public void FindVeto_AtTheHorizonThatJustPays_LetsItPass()
    {
        CostEstimate cost = CostModel.Cool(
            Survey(LocationKind.Folder, LocationKind.Blob, [.. Enumerable.Repeat(GiB, 10)]), LocationKind.Folder, LocationKind.Blob, Sizes, Prices, Today);

        CostModel.FindVeto(cost, 2).Should().BeNull(); // 1.6 saved, 1.301 spent
        CostModel.FindVeto(cost, 1)!.Message.Should().Be("Cooling costs 1.301 USD and saves 0.80 USD within 1 month.");
        CostModel.FindVeto(cost with { Lines = [.. cost.Lines, CostLine.GiB("more", 1, 5)] }, 2)!.Message.Should().Be("Cooling costs 6.301 USD and saves 1.60 USD within 2 months.");
    }

    [TestCase("0.02", 1, "1.00002", "Cooling costs 0.02 USD, saves nothing, and costs 0.00002 USD more each month.")]
    [TestCase("0.0000153", 1, "1.005", "Cooling costs 0.000015 USD, saves nothing, and costs 0.005 USD more each month.")]
    [TestCase(2, 1, 1, "Cooling costs 2.00 USD and saves nothing.")]
    [TestCase("0.25", "1.00034", 1, "Cooling costs 0.25 USD and saves 0.0041 USD within 12 months.")]
    public void FindVeto_SmallAmounts_TellsThemAndWhichWayTheyGo(decimal once, decimal hot, decimal cool, string message) =>
        CostModel.FindVeto(Estimate(once, hot, cool), 12)!.Message.Should().Be(message);

    [TestCase("0.0099", 1, 1, 12, false)]
    [TestCase("0.01", 1, 1, 12, true)]
    [TestCase(0, 1, "1.0001", 12, false, Description = "0.0012 more within the horizon")]
    [TestCase(0, 1, "1.001", 12, true, Description = "nothing once, and 0.012 more within the horizon")]
    [TestCase("0.001", 1, "1.01", 1, true)]
    public void FindVeto_LessThanTheLeastAmount_LetsItPass(decimal once, decimal hot, decimal cool, int months, bool isRefused) =>
        (CostModel.FindVeto(Estimate(once, hot, cool), months) is not null).Should().Be(isRefused);

    [Test]
    public void FindVeto_EmptyProject_LetsItPass() => CostModel.FindVeto(
        CostModel.Cool(Survey(LocationKind.Folder, LocationKind.Blob), LocationKind.Folder, LocationKind.Blob, Full, PriceTable.Default, Today), 1).Should().BeNull();

    private static CostEstimate Estimate(decimal once, decimal hot, decimal cool) => new("Here", "USD", Today, [CostLine.GiB("all", 1, once)], hot, cool);

    private static TransferSurvey Survey(LocationKind source, LocationKind destination, params long[] sizes)
    {
        TransferSurvey survey = new(source, destination, 128 * KiB);
        for (int i = 0; i < sizes.Length; i++)
            survey.Add(new InventoryEntry($"f{i}", EntryKind.File, sizes[i]));
        return survey;
    }

    private static Dictionary<string, decimal> Amounts(CostEstimate cost) => cost.Lines.ToDictionary(line => line.Code, line => line.Amount);
}
