using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Transfers.Inventories;
using static Tiering.Core.Transfers.Inventories.DifferenceClass;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class InventoryComparisonTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddDays(1);

    private static readonly InventoryEntry Full = FileAt("a", 3, "x") with { Modified = Time, Changed = Time, Mode = 0x1a4, ETag = "1" };

    [Test]
    public async Task Again_Same_IsNoDifference()
    {
        (Differences found, DataSize held) = await AgainAsync([Full, FolderAt("b"), LinkAt("c", "a")], [Full, FolderAt("b"), LinkAt("c", "a")]);
        found.Any.Should().BeFalse();
        held.Should().Be(new DataSize(1, 3));
    }

    private static IEnumerable<TestCaseData> Changes() =>
    [
        new(Full with { Size = 4 }, Size),
        new(Full with { Kind = EntryKind.Folder }, Kind),
        new(Full with { Modified = Time.AddTicks(1) }, DifferenceClass.Time),
        new(Full with { ModifiedNanoseconds = 1 }, DifferenceClass.Time),
        new(Full with { Changed = Time.AddTicks(1) }, DifferenceClass.Time),
        new(Full with { Modified = null }, DifferenceClass.Time),
        new(Full with { Mode = 0x1a5 }, Mode),
        new(Full with { ETag = "2" }, DifferenceClass.Version),
        new(Full with { ETag = null }, DifferenceClass.Version),
        new(Full with { Md5 = "y" }, Md5),
    ];

    [TestCaseSource(nameof(Changes))]
    public async Task Again_OneThingChanged_IsNamed(InventoryEntry now, DifferenceClass kind)
    {
        (Differences found, _) = await AgainAsync([Full], [now]);
        found.First.Should().ContainSingle().Which.Should().Match<Difference>(difference => difference.Class == kind && difference.Path == "a");
    }

    [Test]
    public async Task Again_GoneAndNew_AreNamed()
    {
        (Differences found, _) = await AgainAsync([FileAt("a"), FileAt("b")], [FileAt("b"), FileAt("c")]);
        found.First.Select(difference => (difference.Class, difference.Path)).Should().Equal((Missing, "a"), (Extra, "c"));
    }

    [Test]
    public async Task Copy_Blobs_NeedNoFoldersLinksTimesAndModes()
    {
        (Differences found, DataSize held) = await CopyAsync(
            [FolderAt("d"), FolderAt("d/empty"), FileAt("d/f", 2) with { Modified = Time, Mode = 1 }, LinkAt("l", "d")],
            [FileAt("d/f", 2) with { Modified = Time.AddDays(1), ETag = "e", Tier = "Cool" }, FolderAt("other")],
            CopyRules.For(LocationKind.Blob, "Cool"));
        found.Any.Should().BeFalse(found.ToString());
        held.Should().Be(new DataSize(1, 2));
    }

    [Test]
    public async Task Copy_Blobs_EveryOtherDifferenceIsNamed()
    {
        (Differences found, DataSize held) = await CopyAsync(
            [FileAt("gone"), FileAt("kind"), FileAt("md5", 1, "x"), FileAt("ok", 5), FileAt("size", 2), FileAt("tier")],
            [FileAt("extra"), FolderAt("kind"), FileAt("md5", 1, "y") with { Tier = "Cool" }, FileAt("ok", 5) with { Tier = "cool" }, FileAt("size", 3), FileAt("tier") with { Tier = "Hot" }],
            CopyRules.For(LocationKind.Blob, "Cool"));
        found.First.Select(difference => (difference.Class, difference.Path)).Should().Equal(
            (Extra, "extra"), (Missing, "gone"), (Kind, "kind"), (Md5, "md5"), (Size, "size"), (DifferenceClass.Tier, "tier"));
        held.Should().Be(new DataSize(3, 7));
    }

    [Test]
    public async Task Copy_Folder_NeedsEverything()
    {
        InventoryEntry[] manifest = [FolderAt("d") with { Mode = 0x1ed, Modified = Time }, FolderAt("e"), LinkAt("l", "x"), LinkAt("m", "x")];
        (Differences found, _) = await CopyAsync(
            manifest, [FolderAt("d") with { Mode = 0x1c0, Modified = Time.AddTicks(1) }, LinkAt("l", "y"), FolderAt("z")], CopyRules.For(LocationKind.Folder));
        found.First.Select(difference => (difference.Class, difference.Path)).Should().Equal(
            (DifferenceClass.Time, "d"), (Mode, "d"), (Missing, "e"), (Target, "l"), (Missing, "m"), (Extra, "z"));
        (await CopyAsync(manifest, manifest, CopyRules.For(LocationKind.Folder))).Found.Any.Should().BeFalse();
    }

    [Test]
    public async Task Copy_FolderOfAManifestOfBlobs_MayHaveTheFoldersThatItNeeds()
    {
        (Differences found, _) = await CopyAsync(
            [FileAt("a!"), FileAt("a/b/c"), FileAt("x/y")],
            [FolderAt("a"), FileAt("a!"), FolderAt("a/b"), FileAt("a/b/c"), FolderAt("a/b/empty"), FolderAt("empty"), FolderAt("x"), FileAt("x/y")],
            CopyRules.For(LocationKind.Folder));
        found.First.Select(difference => difference.Path).Should().Equal("a/b/empty", "empty");
    }

    [Test]
    public async Task Copy_ThingThatCannotBeMoved_IsNeverEqual()
    {
        (Differences found, _) = await CopyAsync([FileAt("a", 0)], [new("a", EntryKind.Other, 0)], CopyRules.For(LocationKind.Blob));
        found.Of(Kind).Should().Be(1);
    }

    [Test]
    public async Task Any_OutOfOrder_IsADefect() =>
        await FluentActions.Awaiting(() => AgainAsync([FileAt("b"), FileAt("a")], [])).Should().ThrowAsync<InvalidOperationException>();

    [Test]
    public async Task Differences_Many_AreCountedAndTheFirstKept()
    {
        (Differences found, _) = await AgainAsync([.. Enumerable.Range(0, 5000).Select(i => FileAt($"{i:D4}"))], []);
        found.Count.Should().Be(5000);
        found.Of(Missing).Should().Be(5000);
        found.First.Should().HaveCount(100);
        found.First[0].Path.Should().Be("0000");
        found.ToString().Should().Be("5000 differences (5000 missing): 0000: is gone; 0001: is gone; 0002: is gone; …");
    }

    private static async Task<(Differences Found, DataSize Held)> AgainAsync(InventoryEntry[] before, InventoryEntry[] now)
    {
        Differences found = new();
        return (found, await InventoryComparison.CompareAgainAsync(Of(before), Of(now), found, default));
    }

    private static async Task<(Differences Found, DataSize Held)> CopyAsync(InventoryEntry[] manifest, InventoryEntry[] copy, CopyRules rules)
    {
        Differences found = new();
        return (found, await InventoryComparison.CompareCopyAsync(Of(manifest), Of(copy), rules, found, default));
    }
}
