using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class DestinationPlanTests
{
    [Test]
    public async Task ToRemove_WhatComesAgain_Stays() =>
        await CheckAsync(there: [FolderAt("d"), FileAt("d/f")], manifest: [FolderAt("d"), FileAt("d/f", 9)], known: [[FileAt("d/f")]], remove: [], unknown: []);

    [Test]
    public async Task ToRemove_WhatAnEarlierManifestHolds_Goes() => await CheckAsync(
        there: [FileAt("a"), FolderAt("d"), FileAt("d/f"), FileAt("new")],
        manifest: [FileAt("new")],
        known: [[FileAt("a"), FileAt("new")], [FolderAt("d"), FileAt("d/f")]],
        remove: ["a", "d", "d/f"],
        unknown: []);

    [Test]
    public async Task ToRemove_WhatNobodyKnows_IsNamed() => await CheckAsync(
        there: [FileAt("a"), FolderAt("empty"), FileAt("known"), LinkAt("l", "x"), new("s", EntryKind.Other, 0) { Refusal = "it is a socket" }],
        manifest: [FileAt("known")],
        known: [[FileAt("known")]],
        remove: [],
        unknown: ["a", "empty", "l", "s"]);

    [Test]
    public async Task ToRemove_Link_GoesEvenWhenItComesAgain() => await CheckAsync(
        there: [LinkAt("l", "x"), LinkAt("m", "x")], manifest: [LinkAt("l", "x")], known: [[LinkAt("m", "x")]], remove: ["l", "m"], unknown: []);

    [Test]
    public async Task ToRemove_LinkWithAnotherTarget_IsUnknown() =>
        await CheckAsync(there: [LinkAt("l", "x")], manifest: [LinkAt("l", "y")], known: [[LinkAt("l", "z")]], remove: [], unknown: ["l"]);

    [Test]
    public async Task ToRemove_LinkWhereAFileComes_IsUnknown() =>
        await CheckAsync(there: [LinkAt("f", "/etc/passwd")], manifest: [FileAt("f")], known: [[FileAt("f")]], remove: [], unknown: ["f"]);

    [Test]
    public async Task ToRemove_AnotherKindThanTheManifests_GoesWhenKnown() => await CheckAsync(
        there: [FileAt("a"), FolderAt("b")], manifest: [FolderAt("a"), FileAt("b")], known: [[FileAt("a"), FolderAt("b")]], remove: ["a", "b"], unknown: []);

    [Test]
    public async Task ToRemove_FoldersOfManifestsOfBlobs_AreExplainedByTheirContent() => await CheckAsync(
        there: [FolderAt("a"), FileAt("a!"), FolderAt("a/b"), FileAt("a/b/c"), FolderAt("k"), FolderAt("k/empty"), FileAt("k/l")],
        manifest: [FileAt("a!"), FileAt("a/b/c")],
        known: [[FileAt("a!"), FileAt("a/b/c")], [FileAt("k/l")]],
        remove: ["k/l"],
        unknown: ["k/empty"]);

    [TestCase(7, true, true, TestName = "ToRemove_FileOfAnotherSize_IsUnknown")]
    [TestCase(3, false, true, TestName = "ToRemove_FileOfOtherContent_IsUnknown")]
    [TestCase(3, true, false, TestName = "ToRemove_FileThatAnEarlierManifestHolds_Stays")]
    public async Task ToRemove_FileThatIsCopiedOver_MustBeOurs(long size, bool isSame, bool isUnknown)
    {
        Differences unknown = new();
        await DestinationPlan.ToRemoveAsync(
            Of(FileAt("a", size)), Of(FileAt("a", 2)), new DestinationClaims([Of(FileAt("a", 3))], (_, _) => new(isSame)), unknown, default).ListAsync();
        unknown.Any.Should().Be(isUnknown);
    }

    [Test]
    public async Task ToRemove_FileThatIsWhatComes_NeedsNoEarlierManifest()
    {
        Differences unknown = new();
        await DestinationPlan.ToRemoveAsync(
            Of(FileAt("a", 2, "x"), FileAt("b", 2, "x")), Of(FileAt("a", 2, "x"), FileAt("b", 2, "y")), new DestinationClaims([], (_, _) => new(false)), unknown, default).ListAsync();
        unknown.First.Select(difference => difference.Path).Should().Equal("b");
    }

    [TestCase(true, TestName = "ToRemove_FileWithTheContentOfWhatComes_Stays")]
    [TestCase(false, TestName = "ToRemove_FileWithOtherContentThanWhatComes_IsUnknown")]
    public async Task ToRemove_FileThatNoManifestExplains_MustHoldWhatComes(bool isWhatComes)
    {
        Differences unknown = new();
        DestinationClaims claims = new([], (_, _) => new(false)) { IsWhatComes = (_, _) => new(isWhatComes) };
        List<InventoryEntry> removed = await DestinationPlan.ToRemoveAsync(
            Of(FileAt("a", 2), FileAt("b", 3), FileAt("c", 2)), Of(FileAt("a", 2), FileAt("b", 2)), claims, unknown, default).ListAsync();

        removed.Should().BeEmpty();
        unknown.First.Select(difference => difference.Path).Should().Equal((string[])(isWhatComes ? ["b", "c"] : ["a", "b", "c"]));
    }

    [Test]
    public async Task ToRemove_TakenOver_OverwritesWhatComesAndRemovesTheRest()
    {
        Differences unknown = new();
        DestinationClaims claims = new([], (_, _) => new(false)) { TakeOver = true };
        List<InventoryEntry> removed = await DestinationPlan.ToRemoveAsync(
            Of(FileAt("a", 2), FolderAt("b"), FileAt("b/c", 3), FolderAt("d"), FileAt("e", 1)), Of(FileAt("a", 5), FolderAt("d"), FolderAt("e")), claims, unknown, default).ListAsync();

        removed.Select(entry => entry.Path).Should().Equal("b", "b/c", "e");
        unknown.Any.Should().BeFalse();
    }

    [Test]
    public async Task Remove_FilesLinksAndFolders_LeavesAnEmptyFolder()
    {
        using TempFolder temp = new();
        for (int i = 0; i < 1100; i++)
            temp.File($"hot/p/d{i % 7}/e{i % 3}!/f{i}", "x");
        File.CreateSymbolicLink(temp.At("hot", "p", "d1", "link"), "/etc");
        FolderStore store = new(new Location(LocationKind.Folder, temp.At("hot", "p"), temp.At("hot")));
        List<InventoryEntry> all = await store.ListAsync();

        (await DestinationPlan.RemoveAsync(store, Of([.. all]), default)).Should().Be(all.Count);

        (await store.ListAsync()).Should().BeEmpty();
    }

    private static async Task CheckAsync(InventoryEntry[] there, InventoryEntry[] manifest, InventoryEntry[][] known, string[] remove, string[] unknown)
    {
        Differences found = new();
        List<InventoryEntry> removed = await DestinationPlan.ToRemoveAsync(Of(there), Of(manifest), new DestinationClaims([.. known.Select(Of)], (_, _) => new(true)), found, default).ListAsync();
        removed.Select(entry => entry.Path).Should().Equal(remove);
        found.First.Select(difference => difference.Path).Should().BeEquivalentTo(unknown);
        found.Of(DifferenceClass.Extra).Should().Be(found.Count);
    }
}
