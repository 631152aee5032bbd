using System.Net.Sockets;
using Tiering.Core;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Inventories;

public sealed class FolderStoreTests
{
    private TempFolder temp = null!;
    private string project = "";

    private FolderStore Store => new(new Location(LocationKind.Folder, project, temp.At("hot")));

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        project = temp.Folder("hot", "p");
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task List_AnyTree_IsInTheOrderOfWholePaths()
    {
        foreach (string path in (string[])["a/b", "a!/x", "a-b", "a/a!", "a/a/z", "a0", "ä", "\U0001F600", "\uffee", "a b", "A", ".hidden"])
            temp.File($"hot/p/{path}", "x");

        List<string> paths = [.. (await Store.ListAsync()).Select(entry => entry.Path)];

        paths.Should().Equal(paths.Order(PathOrder.Instance));
        paths.Should().Contain(["a", "a/a", "a/a/z", "a!", "a!/x", "\U0001F600", ".hidden"]).And.HaveCount(15);
    }

    [Test]
    public async Task List_File_TellsSizeTimesAndMode()
    {
        string file = temp.File("hot/p/f", "hello");
        DateTime old = new DateTime(1969, 3, 1, 2, 3, 4, DateTimeKind.Utc).AddTicks(1234567);
        File.SetLastWriteTimeUtc(file, old);
        File.SetUnixFileMode(file, (UnixFileMode)0b101_100_001_000);

        InventoryEntry entry = (await Store.ListAsync()).Single();

        entry.Kind.Should().Be(EntryKind.File);
        entry.Size.Should().Be(5);
        entry.Modified.Should().Be(new DateTimeOffset(old));
        entry.Mode.Should().Be(0b101_100_001_000);
        entry.Changed.Should().NotBeNull();
    }

    [Test]
    public async Task List_Links_AreNotFollowed()
    {
        temp.File("outside/secret", "x");
        File.CreateSymbolicLink($"{project}/abs", temp.At("outside"));
        File.CreateSymbolicLink($"{project}/dangling", "no/where");
        File.CreateSymbolicLink($"{project}/loop", ".");

        List<InventoryEntry> entries = await Store.ListAsync();

        entries.Select(entry => (entry.Path, entry.Kind, entry.Target)).Should().Equal(
            ("abs", EntryKind.Link, temp.At("outside")), ("dangling", EntryKind.Link, "no/where"), ("loop", EntryKind.Link, "."));
    }

    [Test]
    public async Task List_NameThatIsNoText_IsShownEscapedAndCannotBeMoved()
    {
        RawNames.MakeFile(project, 0x61, 0xff, 0xc3, 0xa9, 0x62);

        InventoryEntry entry = (await Store.ListAsync()).Single();
        RawNames.DeleteFile(project, 0x61, 0xff, 0xc3, 0xa9, 0x62);

        entry.Kind.Should().Be(EntryKind.Other);
        entry.Path.Should().Be("a\\xFFéb");
        entry.Refusal.Should().Contain("UTF-8");
    }

    [Test]
    public async Task List_PipesAndSockets_CannotBeMoved()
    {
        RawNames.MakePipe($"{project}/pipe");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint($"{project}/socket"));

        (await Store.ListAsync()).Select(entry => (entry.Path, entry.Kind, entry.Refusal)).Should().Equal(
            ("pipe", EntryKind.Other, "it is a named pipe"), ("socket", EntryKind.Other, "it is a socket"));
    }

    [Test]
    public async Task List_HundredsOfLevelsDeep_IsComplete()
    {
        string path = project;
        for (int i = 0; i < 400; i++)
            path = $"{path}/d";
        Directory.CreateDirectory(path);

        (await Store.ListAsync()).Should().HaveCount(400);
    }

    [Test]
    public async Task List_FolderOrFileThatMayNotBeRead_IsAnErrorAndNeverAnOmission()
    {
        if (Environment.IsPrivilegedProcess)
            Assert.Ignore("The administrator may read everything.");
        string file = temp.File("hot/p/a/secret", "x");
        File.SetUnixFileMode(file, UnixFileMode.None);
        (await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreRefusedException>()).WithMessage("*a/secret*");
        File.SetUnixFileMode($"{project}/a", UnixFileMode.None);
        (await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreRefusedException>()).WithMessage("*folder a*");
    }

    [Test]
    public async Task List_ProjectWithoutData_IsMissing()
    {
        Directory.Delete(project);
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();
    }

    [Test]
    public async Task List_RootNotThere_IsUnavailableAndNotEmpty()
    {
        Directory.Delete(temp.At("hot"), recursive: true);
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_ProjectFolderIsALink_IsRefused()
    {
        Directory.Delete(project);
        Directory.CreateSymbolicLink(project, temp.Folder("outside"));
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreRefusedException>();
        await FluentActions.Awaiting(() => Store.DescribeRootAsync(default)).Should().ThrowAsync<StoreRefusedException>().WithMessage("*is a link or a file*");
    }

    [Test]
    public async Task List_ProjectIsAFile_IsRefused()
    {
        Directory.Delete(project);
        temp.File("hot/p", "x");
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreRefusedException>();
    }

    [Test]
    public async Task OpenRead_FileReplacedByALink_IsRefused()
    {
        string file = temp.File("hot/p/f", "hello");
        InventoryEntry entry = (await Store.ListAsync()).Single();
        File.Delete(file);
        File.CreateSymbolicLink(file, temp.File("outside/f", "hello"));

        await FluentActions.Awaiting(() => Store.OpenReadAsync(entry, default)).Should().ThrowAsync<TieringException>();
    }

    [Test]
    public async Task OpenRead_FileOfAnotherSizeOrGone_HasChanged()
    {
        string file = temp.File("hot/p/f", "hello");
        InventoryEntry entry = (await Store.ListAsync()).Single();
        File.AppendAllText(file, "!");
        await FluentActions.Awaiting(() => Store.OpenReadAsync(entry, default)).Should().ThrowAsync<EntryChangedException>();
        File.Delete(file);
        await FluentActions.Awaiting(() => Store.OpenReadAsync(entry, default)).Should().ThrowAsync<EntryChangedException>();
    }

    [Test]
    public async Task OpenRead_File_GivesItsContent()
    {
        temp.File("hot/p/sub/f", "hello");
        InventoryEntry entry = (await Store.ListAsync())[^1];
        using StreamReader reader = new(await Store.OpenReadAsync(entry, default));
        (await reader.ReadToEndAsync()).Should().Be("hello");
    }

    [Test]
    public async Task Delete_WholeInventoryBackwards_LeavesAnEmptyFolder()
    {
        temp.File("hot/p/a/b/c", "x");
        temp.File("hot/p/a-1", "x");
        string locked = temp.Folder("hot", "p", "locked");
        temp.File("hot/p/locked/f", "x");
        File.CreateSymbolicLink($"{project}/link", temp.File("outside/kept", "x"));
        File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        List<InventoryEntry> entries = await Store.ListAsync();
        entries.Reverse();
        await Store.DeleteAsync(entries, default);
        await Store.DeleteAsync(entries, default);
        await Store.DeleteRootAsync(default);
        await Store.DeleteRootAsync(default);

        Directory.Exists(project).Should().BeFalse();
        File.Exists(temp.At("outside", "kept")).Should().BeTrue();
    }

    [Test]
    public async Task Delete_FolderSwappedForALink_LeavesWhatItPointsTo()
    {
        temp.File("hot/p/a/f", "x");
        InventoryEntry inner = (await Store.ListAsync())[^1];
        Directory.Delete($"{project}/a", recursive: true);
        string outside = temp.File("outside/f", "x");
        Directory.CreateSymbolicLink($"{project}/a", temp.At("outside"));

        await FluentActions.Awaiting(() => Store.DeleteAsync([inner], default)).Should().ThrowAsync<StoreRefusedException>();
        File.Exists(outside).Should().BeTrue();
    }

    [Test]
    public async Task Delete_FileChangedSinceItWasListed_KeepsIt()
    {
        string file = temp.File("hot/p/f", "old");
        InventoryEntry entry = (await Store.ListAsync()).Single();
        File.WriteAllText(file, "new!");

        await FluentActions.Awaiting(() => Store.DeleteAsync([entry], default)).Should().ThrowAsync<EntryChangedException>();
        File.ReadAllText(file).Should().Be("new!");
    }

    [TestCase("../x")]
    [TestCase("a/../../x")]
    [TestCase("/etc/x")]
    public async Task Delete_PathThatLeavesTheProject_IsRefused(string path) =>
        await FluentActions.Awaiting(() => Store.DeleteAsync([Entries.FileAt(path)], default)).Should().ThrowAsync<StoreRefusedException>();

    [Test]
    public async Task DeleteRoot_NotEmpty_IsRefused()
    {
        temp.File("hot/p/f", "x");
        await FluentActions.Awaiting(() => Store.DeleteRootAsync(default)).Should().ThrowAsync<StoreRefusedException>();
        File.Exists($"{project}/f").Should().BeTrue();
    }

    [Test]
    public async Task Sync_WritesAProjectToItsDisk_AndMissesNone()
    {
        temp.File("hot/p/f", "hello");
        await Store.SyncAsync(default);

        Directory.Delete(project, recursive: true);
        await Store.Invoking(store => store.SyncAsync(default)).Should().ThrowAsync<ProjectDataMissingException>();
    }

    [Test]
    public async Task CreateRoot_Missing_MakesAnEmptyProject()
    {
        Directory.Delete(project);
        await Store.CreateRootAsync(default);
        await Store.CreateRootAsync(default);
        (await Store.ListAsync()).Should().BeEmpty();
    }
}
