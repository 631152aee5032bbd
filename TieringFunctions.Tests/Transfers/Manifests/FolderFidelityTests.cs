using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Manifests;

public sealed class FolderFidelityTests
{
    private TempFolder temp = null!;

    private string Copy => temp.At("hot", "copy");

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        temp.Folder("hot", "copy");
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Apply_BareFiles_BecomeTheOriginal()
    {
        List<InventoryEntry> original = await OriginalAsync();
        BareCopy(original);

        await FolderFidelity.ApplyAsync(Copy, Of([.. original]), default);
        await CheckAsync(original);
        await FolderFidelity.ApplyAsync(Copy, Of([.. original]), default);
        await CheckAsync(original);
    }

    [Test]
    public async Task Apply_CutOffAfterAnyEntry_IsMadeGoodByTheNext()
    {
        List<InventoryEntry> original = await OriginalAsync();
        BareCopy(original);
        for (int count = 0; count < original.Count; count++)
            await FolderFidelity.ApplyAsync(Copy, Of([.. original[..count]]), default);

        await FolderFidelity.ApplyAsync(Copy, Of([.. original]), default);
        await CheckAsync(original);
    }

    [Test]
    public async Task Apply_LinkWhereAFolderBelongs_IsRefusedAndNotFollowed()
    {
        temp.Folder("outside");
        Directory.CreateSymbolicLink($"{Copy}/d", temp.At("outside"));
        await FluentActions.Awaiting(() => FolderFidelity.ApplyAsync(Copy, Of(FolderAt("d"), FolderAt("d/e")), default)).Should().ThrowAsync<StoreRefusedException>();
        Directory.EnumerateFileSystemEntries(temp.At("outside")).Should().BeEmpty();
    }

    [Test]
    public async Task Apply_LinkWhereAFileBelongs_LeavesWhatItPointsTo()
    {
        string outside = temp.File("outside/f", "x");
        File.SetUnixFileMode(outside, UnixFileMode.UserRead);
        DateTime time = File.GetLastWriteTimeUtc(outside);
        File.CreateSymbolicLink($"{Copy}/f", outside);

        await FolderFidelity.ApplyAsync(Copy, Of(FileAt("f") with { Mode = 0x1ff, Modified = DateTimeOffset.UnixEpoch }), default);

        File.GetUnixFileMode(outside).Should().Be(UnixFileMode.UserRead);
        File.GetLastWriteTimeUtc(outside).Should().Be(time);
    }

    [Test]
    public async Task Apply_LinkWithAnotherTarget_IsReplaced()
    {
        File.CreateSymbolicLink($"{Copy}/l", "old");
        await FolderFidelity.ApplyAsync(Copy, Of(LinkAt("l", "new/../é")), default);
        new FileInfo($"{Copy}/l").LinkTarget.Should().Be("new/../é");
    }

    [Test]
    public async Task Apply_RootMissing_IsMade()
    {
        Directory.Delete(Copy);
        await FolderFidelity.ApplyAsync(Copy, Of(FolderAt("a"), FolderAt("a/b")), default);
        Directory.Exists($"{Copy}/a/b").Should().BeTrue();
    }

    [Test]
    public async Task Apply_PathThatLeavesTheProject_IsRefused()
    {
        await FluentActions.Awaiting(() => FolderFidelity.ApplyAsync(Copy, Of(FolderAt("../x")), default)).Should().ThrowAsync<StoreRefusedException>();
        Directory.Exists(temp.At("hot", "x")).Should().BeFalse();
    }

    [Test]
    public async Task Loosen_OddModes_LetTheOwnerWork()
    {
        temp.File("hot/copy/d/e/f", "x");
        File.SetUnixFileMode($"{Copy}/d/e/f", UnixFileMode.None);
        File.SetUnixFileMode($"{Copy}/d/e", UnixFileMode.UserRead);
        File.SetUnixFileMode($"{Copy}/d", UnixFileMode.GroupRead);

        await FolderFidelity.LoosenAsync(Copy, default);
        await FolderFidelity.LoosenAsync(temp.At("hot", "missing"), default);

        const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.GetUnixFileMode($"{Copy}/d").Should().Be(all | UnixFileMode.GroupRead);
        File.GetUnixFileMode($"{Copy}/d/e").Should().Be(all);
        File.GetUnixFileMode($"{Copy}/d/e/f").Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task<List<InventoryEntry>> OriginalAsync()
    {
        string root = temp.Folder("hot", "original");
        temp.File("hot/original/a/b/file", "hello");
        temp.File("hot/original/a/locked/none", "x");
        temp.File("hot/original/a!/sibling", "x");
        Directory.CreateDirectory($"{root}/e/m/p/t/y");
        Directory.CreateDirectory($"{root}/setgid");
        File.CreateSymbolicLink($"{root}/a/inside", "b/file");
        File.CreateSymbolicLink($"{root}/a/locked/dangling", "/no/where");
        Directory.CreateSymbolicLink($"{root}/up", "..");
        // A file that its owner may not read leaves only when the administrator moves it.
        File.SetUnixFileMode($"{root}/a/locked/none", Environment.IsPrivilegedProcess ? UnixFileMode.None : UnixFileMode.UserRead);
        File.SetUnixFileMode($"{root}/a/b/file", (UnixFileMode)0b111_110_101_001);
        File.SetUnixFileMode($"{root}/setgid", (UnixFileMode)0b010_111_101_000);
        FolderStore store = new(new Location(LocationKind.Folder, root, temp.At("hot")));
        DateTime time = new(1987, 6, 5, 4, 3, 2, DateTimeKind.Utc);
        foreach (InventoryEntry entry in (await store.ListAsync()).AsEnumerable().Reverse())
        {
            time = time.AddTicks(987_654_321);
            if (entry.Kind == EntryKind.Folder)
                Directory.SetLastWriteTimeUtc($"{root}/{entry.Path}", time);
            else
                File.SetLastWriteTimeUtc($"{root}/{entry.Path}", time);
        }
        File.SetUnixFileMode($"{root}/a/locked", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode($"{root}/a", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return [.. (await store.ListAsync()).Select(entry => entry with { ModifiedNanoseconds = 7, Changed = null })];
    }

    // What AzCopy leaves: files, and the folders that hold them.
    private void BareCopy(List<InventoryEntry> original)
    {
        foreach (InventoryEntry entry in original.Where(entry => entry.Kind == EntryKind.File))
            temp.File($"hot/copy/{entry.Path}", new string('x', (int)entry.Size));
    }

    private async Task CheckAsync(List<InventoryEntry> original)
    {
        List<InventoryEntry> there = await new FolderStore(new Location(LocationKind.Folder, Copy, temp.At("hot"))).ListAsync();
        there.Select(entry => entry with { Changed = null }).Should().Equal(original);
    }
}
