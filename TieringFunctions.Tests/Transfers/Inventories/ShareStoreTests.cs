using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Emulators.Access;
using Tiering.Emulators.Faults;
using Tiering.Tests.Emulators;
using static Tiering.Tests.Transfers.Inventories.Entries;

namespace Tiering.Tests.Transfers.Inventories;

/// <summary>Our client of file shares against the emulated service, with the tokens that a transfer gets.</summary>
public sealed class ShareStoreTests : FilesTest
{
    private HttpClient http = null!;
    private Location location = null!;
    private LocationAccess access = null!;

    private ShareStore Store => new(location, new StorageRequests(http, () => access, identity: null, TimeSpan.FromMilliseconds(1)), sortedInMemory: 50);

    [SetUp]
    public async Task SetUp()
    {
        http = ProjectStores.CreateClient();
        Dictionary<string, string> settings = new()
        {
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_ACCOUNT"] = StorageAccount.Development.Name,
            ["AZURE_STORAGE_ACCOUNT_KEY"] = StorageAccount.DevelopmentKey,
            ["AZURE_STORAGE_FILE_ENDPOINT"] = $"http://127.0.0.1:{Files.Port}/{StorageAccount.Development.Name}",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["DATA_PROJECTS_LOCATION_PREFIX"] = "a b/projects",
        };
        StorageSettings storage = new(name => settings.GetValueOrDefault(name));
        location = new ProjectLocations(storage).For(ProjectSlug.Parse("é p+1"), StorageRole.Hot);
        AccessIssuer issuer = new(storage, http, identity: null, TimeProvider.System);
        access = (await issuer.ForTransferAsync(location, location, default)).Destination;
    }

    [TearDown]
    public void TearDown() => http.Dispose();

    [Test]
    public async Task List_Tree_IsCompleteAndInOrder()
    {
        string[] files = ["a/b", "a!/x", "a-b", "a/a!", "a/a/z", "a0", "ä", "\U0001F600", "x #%25&+;=@", ".hidden"];
        foreach (string path in files)
            Put(path, "hello");
        for (int i = 0; i < 120; i++)
            Put($"many/{i:D3}", "x");
        Directory.CreateDirectory(At("empty/e/e"));

        List<InventoryEntry> entries = await Store.ListAsync();

        entries.Select(entry => entry.Path).Should().BeInAscendingOrder(PathOrder.Instance);
        entries.Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Path).Should().HaveCount(130).And.Contain(files);
        entries.Where(entry => entry.Kind == EntryKind.Folder).Select(entry => entry.Path).Should().Equal("a", "a!", "a/a", "empty", "empty/e", "empty/e/e", "many");
        entries.Should().OnlyContain(entry => entry.ETag != null && entry.Modified != null && entry.Created != null && entry.Changed != null && entry.Attributes != null);
        entries.Single(entry => entry.Path == "a-b").Size.Should().Be(5);
    }

    [Test]
    public async Task List_NoProjectOrNoShare_AreToldApart()
    {
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();
        Directory.Delete(Hot, recursive: true);
        (await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<TieringException>()).Which.Should().NotBeOfType<ProjectDataMissingException>();
    }

    [Test]
    public async Task Root_MadeAndRemoved_ComesAndGoes()
    {
        await Store.CreateRootAsync(default);
        await Store.CreateRootAsync(default);
        (await Store.ListAsync()).Should().BeEmpty();
        Put("f", "x");
        await FluentActions.Awaiting(() => Store.DeleteRootAsync(default)).Should().ThrowAsync<StoreRefusedException>();
        await Store.DeleteAsync(await Store.ListAsync(), default);
        await Store.DeleteRootAsync(default);
        await Store.DeleteRootAsync(default);
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();
    }

    [Test]
    public async Task List_ListingThatFailsOnce_IsTriedAgain()
    {
        Put("a/b", "x");
        Files.Faults.Add(new FaultRule { Operation = "ListDirectory", Status = 503, Code = "ServerBusy", Count = 2 });
        (await Store.ListAsync()).Should().HaveCount(2);
    }

    [TestCase(403, "AuthorizationFailure")]
    [TestCase(404, "ResourceNotFound")]
    [TestCase(500, "InternalError")]
    public async Task List_OneFolderThatCannotBeListed_IsAnErrorAndNeverAnOmission(int status, string code)
    {
        Put("a/b", "x");
        Put("c", "x");
        Files.Faults.Add(new FaultRule { Operation = "ListDirectory", Path = "*/a", Status = status, Code = code });
        Files.Faults.All.Single().Fires("files", "GET", "ListDirectory", "x/a").Should().BeTrue("the rule must be able to meet the request");
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<TieringException>();
    }

    [Test]
    public async Task OpenRead_File_GivesItsContentAndOnlyItsVersion()
    {
        byte[] content = new byte[5_000_001];
        new Random(3).NextBytes(content);
        Put("d/f", "");
        await File.WriteAllBytesAsync(At("d/f"), content);
        InventoryEntry entry = (await Store.ListAsync())[^1];
        Files.Faults.Add(new FaultRule { Operation = "GetFile", CutResponseAfterBytes = 1_000_000, Count = 2 });

        await using (Stream stream = await Store.OpenReadAsync(entry, default))
        {
            using MemoryStream read = new();
            await stream.CopyToAsync(read);
            read.ToArray().Should().Equal(content);
        }
        await FluentActions.Awaiting(() => Store.OpenReadAsync(entry with { ETag = "\"0x1\"" }, default)).Should().ThrowAsync<EntryChangedException>();
        File.Delete(At("d/f"));
        await FluentActions.Awaiting(() => Store.OpenReadAsync(entry, default)).Should().ThrowAsync<EntryChangedException>();
    }

    [Test]
    public async Task Delete_WholeInventory_LeavesNothingAndKeepsWhatChanged()
    {
        Put("a/b/c", "x");
        Put("d", "x");
        List<InventoryEntry> entries = await Store.ListAsync();
        InventoryEntry changed = entries[^1] with { ETag = "\"0x1\"" };
        await FluentActions.Awaiting(() => Store.DeleteAsync([changed], default)).Should().ThrowAsync<EntryChangedException>();

        await DestinationPlan.RemoveAsync(Store, Of([.. entries]), default);
        await DestinationPlan.RemoveAsync(Store, Of([.. entries]), default);
        (await Store.ListAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task PutBack_FoldersTimesAndAttributes_AreAsInTheManifest()
    {
        Put("a/b/f", "hello");
        Put("a!/g", "x");
        DateTimeOffset time = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1234567);
        InventoryEntry[] manifest =
        [
            FolderAt("a") with { Modified = time, Created = time.AddYears(-1), Attributes = "Directory" },
            FolderAt("a!") with { Modified = time.AddDays(1), Created = time, Attributes = "Directory | Hidden" },
            FileAt("a!/g") with { Modified = time.AddDays(2), Created = time, Attributes = "ReadOnly | Archive" },
            FolderAt("a/b") with { Modified = time.AddDays(3), Created = time, Attributes = "Directory" },
            FileAt("a/b/f", 5) with { Modified = time.AddDays(4), Created = time, Attributes = "Archive" },
            FolderAt("empty") with { Modified = time.AddDays(5), Created = time, Attributes = "Directory" },
            FolderAt("empty/inner") with { Modified = time.AddDays(6), Created = time, Attributes = "Directory" },
        ];

        await Store.PutBackAsync(Of(manifest), default);
        await Store.PutBackAsync(Of(manifest), default);

        Differences found = new();
        DataSize held = await InventoryComparison.CompareCopyAsync(Of(manifest), Store.ListAsync(default), CopyRules.For(LocationKind.Share), found, default);
        found.Any.Should().BeFalse(string.Join("; ", found.First));
        held.Should().Be(new DataSize(2, 6));
    }

    [Test]
    public async Task Access_OfTheSource_CannotWrite()
    {
        Put("f", "x");
        access = access with { OwnSas = ReadingSas() };
        List<InventoryEntry> entries = await Store.ListAsync();
        await FluentActions.Awaiting(() => Store.DeleteAsync(entries, default)).Should().ThrowAsync<StoreRefusedException>();
        File.Exists(At("f")).Should().BeTrue();
    }

    private static string ReadingSas() => new SasSigner(StorageAccount.Development.Name, Convert.FromBase64String(StorageAccount.DevelopmentKey))
        .ForShare("hot", "rl", DateTimeOffset.UtcNow.AddHours(1), httpsOnly: false);

    private string At(string path) => $"{Hot}/a b/projects/é p+1/{path}";

    private void Put(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
    }
}
