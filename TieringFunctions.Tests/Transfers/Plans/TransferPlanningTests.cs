using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Plans;
using Tiering.Tests.Support;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Plans;

/// <summary>What a plan is made of, without a service: stores that are nothing but their inventories.</summary>
public sealed class TransferPlanningTests
{
    private const long MiB = 1 << 20, GiB = 1 << 30;
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private AzCopyOptions azCopy = new();
    private AgentPlace place = new(JobFolders: null);
    private TempFolder folder = null!;

    [SetUp]
    public void SetUp()
    {
        settings.Clear();
        settings["TIERING_PROOF"] = "sizes";
        azCopy = new AzCopyOptions { Path = Tools.AzCopy };
        folder = new TempFolder();
        place = new AgentPlace(folder.Folder("jobs"));
    }

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public async Task Cost_UnderABound_CountsTheSmallerBlocks()
    {
        azCopy = azCopy with { Caps = BandwidthTimetable.Parse("none;08:00-19:00=1", LocalZone.Paris) };

        TransferPlan plan = await PlanAsync(LocationKind.Share, LocationKind.Blob, [FileAt("a", 8 * MiB)], []);

        Quantity(plan, "cool-writes").Should().Be(129, "8 MiB are 128 blocks of 64 KiB, and their list");
        Quantity(plan, "hot-reads").Should().Be(130);
    }

    [Test]
    public async Task Cost_TheWayBack_IsWhatTheRestoreOfTheSameDataWouldSay()
    {
        azCopy = azCopy with { Caps = BandwidthTimetable.Parse("20", LocalZone.Paris) }; // smaller pieces, and other ones each way
        settings["TIERING_PROOF"] = "full";
        InventoryEntry[] files = [FolderAt("sub"), FileAt("sub/a", 10), FileAt("b", 100 * MiB)];

        TransferPlan cool = await PlanAsync(LocationKind.Share, LocationKind.Blob, files, []);
        TransferPlan restore = await PlanAsync(LocationKind.Blob, LocationKind.Share, files, [], OperationType.Restore);

        cool.Cost!.Return.Should().Be(restore.Cost!.Once).And.BePositive();
    }

    [Test]
    public async Task Cost_OfACoolOverAnotherOfFiveDaysAgo_HasItsEarlyDeletion()
    {
        InventoryEntry[] there = [FileAt("changed", GiB), FileAt("gone", 1), FileAt("same", GiB, "md5")]; // the same is copied anew too

        TransferPlan plan = await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("changed", 5), FileAt("same", GiB, "md5")], there, daysCool: 5);

        CostLine early = plan.Cost!.Lines.Should().ContainSingle(line => line.Code == "early-deletion").Subject;
        early.Quantity.Should().Be(2 + (128m * 1024 / GiB), "the byte is billed as 128 KiB");
        early.Amount.Should().BeApproximately(early.Quantity * 0.01m * 25 * 12 / 365, 1e-20m);
        plan.Cost.Once.Should().BeGreaterThan(early.Amount);
    }

    [TestCase(5, true)]
    [TestCase(40, false)]
    public async Task Veto_OfACoolOverAnother_SeesItsEarlyDeletion(int daysCool, bool isRefused)
    {
        settings["TIERING_COST_VETO_MONTHS"] = "1"; // saves 0.04, and 100 GiB that are replaced cost up to 0.99

        TransferPlan plan = await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a", GiB)], [FileAt("a", 100 * GiB)], daysCool: daysCool);

        plan.Refusals.Select(refusal => refusal.Code).Contains("not-worth-cooling").Should().Be(isRefused);
    }

    // It is 13:00 in Paris. 10^9 bytes take 1000 s at 8 Mbps, and are read twice in 250 s at 64 Mbps.
    [TestCase("none;08:00-19:00=8", 1250)]
    [TestCase("none;08:00-12:00=8", 250)]
    public async Task Duration_UnderTheBoundsOfNow_IsNotLessThanTheyAllow(string caps, double least)
    {
        azCopy = azCopy with { Caps = BandwidthTimetable.Parse(caps, LocalZone.Paris) };
        settings["TIERING_PROOF"] = "full";
        settings["TIERING_PROOF_MBPS"] = "64";

        TransferPlan plan = await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a", 1_000_000_000)], []);

        plan.Duration!.Seconds.Should().BeApproximately(least, 0.001);
    }

    // A bound of 1 Mbps allows blocks of 64 KiB, and a blob 50,000 of them.
    [TestCase(LocationKind.Share, LocationKind.Blob, 3_276_800_000, null)]
    [TestCase(LocationKind.Share, LocationKind.Blob, 3_276_800_001, "cap-too-low")]
    [TestCase(LocationKind.Folder, LocationKind.Blob, 3_276_800_001, null)]
    public async Task Refusals_AFileTooLargeForTheLowestBound_IsNamed(LocationKind source, LocationKind destination, long bytes, string? code)
    {
        azCopy = azCopy with { Caps = BandwidthTimetable.Parse("none;02:00-03:00=1", LocalZone.Paris) };

        TransferPlan plan = await PlanAsync(source, destination, [FileAt("large.bin", bytes)], []);

        plan.Refusals.Select(refusal => refusal.Code).Should().Equal(code is null ? [] : [code]);
        plan.Refusals.All(refusal => refusal.Message.Contains("large.bin", StringComparison.Ordinal)).Should().BeTrue();
    }

    [TestCase(LocationKind.Folder)]
    [TestCase(LocationKind.Blob)]
    [TestCase(LocationKind.Share)]
    public async Task Refusals_BothSidesOfOneKind_NameTheSettings(LocationKind kind)
    {
        TransferPlan plan = await PlanAsync(kind, kind, [FileAt("a")], []);

        OperationError refusal = plan.Refusals.Should().ContainSingle().Subject;
        refusal.Code.Should().Be("azcopy-invalid");
        refusal.Message.Should().Contain("DATA_BACKEND, DATA_BACKEND_COOL");
        (await PlanAsync(kind, kind, [FolderAt("empty")], [])).Refusals.Should().BeEmpty("of no files AzCopy is not asked");
    }

    [Test]
    public async Task Refusals_AnAzCopyThatCannotDoIt_IsNamed([Values("missing", "not executable", "too old")] string what)
    {
        azCopy = azCopy with { Path = Program(what) };

        TransferPlan plan = await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a")], []);

        plan.Refusals.Select(refusal => refusal.Code).Should().Equal(what == "too old" ? "azcopy-too-old" : "azcopy-not-installed");
        place = new AgentPlace(JobFolders: null);
        (await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a")], [])).Refusals.Should().BeEmpty("agents in containers bring their own");
    }

    [Test]
    public async Task Refusals_AVersionThatLacksWhatThisCopyNeeds_NamesIt()
    {
        azCopy = azCopy with { Path = ShellProgram.Write(folder.At("azcopy"), "echo azcopy version 10.14.0") };

        TransferPlan plan = await PlanAsync(LocationKind.Share, LocationKind.Blob, [FileAt("a")], []);

        plan.Refusals.Should().ContainSingle().Which.Code.Should().Be("azcopy-too-old");
    }

    [Test]
    public async Task Refusals_PlansAndLogsWithoutRoomInTheirBudget_AreNamed()
    {
        azCopy = azCopy with { DiskBudgetBytes = 5 << 20 };
        (await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a")], [])).Refusals.Should().BeEmpty();

        folder.File("jobs/earlier/azcopy/logs/of another.log", new string('x', 1 << 20)); // what failed operations have left counts
        TransferPlan plan = await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a")], []);

        plan.Refusals.Should().ContainSingle().Which.Code.Should().Be("azcopy-disk-budget");
        place = new AgentPlace(JobFolders: null);
        (await PlanAsync(LocationKind.Folder, LocationKind.Blob, [FileAt("a")], [])).Refusals.Should().BeEmpty("what agents in containers have is their own");
    }

    [Test]
    public async Task Refusals_ThatHaveNothingToDoWithEachOther_AreAllThere()
    {
        azCopy = azCopy with { Path = folder.At("missing"), DiskBudgetBytes = 1, Caps = BandwidthTimetable.Parse("1", LocalZone.Paris) };

        TransferPlan plan = await PlanAsync(LocationKind.Share, LocationKind.Blob, [FileAt("a", 1L << 40)], [FileAt("stranger")]);

        plan.Refusals.Select(refusal => refusal.Code).Should().Equal("cap-too-low", "azcopy-not-installed", "azcopy-disk-budget", "destination-not-explained");
        plan.Cost.Should().NotBeNull();
    }

    private string Program(string what) => what switch
    {
        "missing" => folder.At("missing"),
        "not executable" => folder.File("azcopy", "no program"),
        _ => ShellProgram.Write(folder.At("azcopy"), "echo azcopy version 10.10.0"),
    };

    private static decimal Quantity(TransferPlan plan, string code) => plan.Cost!.Lines.Single(line => line.Code == code).Quantity;

    private async Task<TransferPlan> PlanAsync(
        LocationKind source, LocationKind destination, InventoryEntry[] moves, InventoryEntry[] there, OperationType type = OperationType.Cool, int? daysCool = null)
    {
        CostSettings costs = new(name => settings.GetValueOrDefault(name));
        OperationKey key = new(ProjectSlug.Parse("demo"), type, Guid.NewGuid());
        TransferJob job = new(key, At(source, "from"), At(destination, "to")) { CostVeto = costs.VetoOf(new LifecycleOperation(key, Now)) };
        PlanningInputs inputs = new(job, new ListedStore(job.Source, moves), new ListedStore(job.Destination, there), folder.Root, Witness: null, Known: []);
        StorageSettings storage = new(name => settings.GetValueOrDefault(name));
        return await new TransferPlanning(inputs, storage, azCopy, place, costs, new ManualTime(Now)).RunAsync([], daysCool, CancellationToken.None);
    }

    private Location At(LocationKind kind, string name) => kind == LocationKind.Folder
        ? new Location(kind, folder.At(name, "demo"), folder.Folder(name))
        : new Location(kind, $"https://h.example/{name}/demo", $"https://h.example/{name}");
}
