using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Inventories;

public sealed class BlobStoreTests
{
    private const string Slug = "é p+1";

    private AzuriteServer azurite = null!;
    private HttpClient http = null!;
    private string container = "";

    private BlobStore Store => Open();

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        azurite = await AzuriteServer.StartAsync();
        http = ProjectStores.CreateClient();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        http.Dispose();
        await azurite.DisposeAsync();
    }

    [SetUp]
    public async Task SetUp()
    {
        container = $"c-{Guid.NewGuid():N}";
        await azurite.CreateContainerAsync(container);
    }

    [Test]
    public async Task List_AnyNames_AreWholeAndInOrder()
    {
        string[] names = ["a", "a b/c", "%41", "%", "#?&+=*:;", "'\"<>|", "é/e\u0301", "\U0001F600", "\uffee", ".hidden", "A", "a/b", "a!", "x/y/z/", "ends.", " lead", "trail ", "~"];
        foreach (string name in names.Where(name => !name.EndsWith('/')))
            await azurite.PutBlobAsync(container, $"{Slug}/{name}", [1, 2, 3]);
        await azurite.PutBlobAsync(container, $"{Slug}-2/other", [1]);
        await azurite.PutBlobAsync(container, $"{Slug}.txt", [1]);
        await azurite.PutBlobAsync(container, $"{Slug}/x/y/z/", []);

        List<InventoryEntry> entries = await Store.ListAsync();

        entries.Select(entry => entry.Path).Should().Equal(names.Select(name => name.TrimEnd('/')).Order(PathOrder.Instance));
        entries.Where(entry => entry.Kind == EntryKind.Folder).Select(entry => entry.Path).Should().Equal("x/y/z");
        entries.Where(entry => entry.Kind == EntryKind.File).Should().OnlyContain(entry =>
            entry.Size == 3 && entry.ETag != null && entry.Modified != null && entry.Md5 == "Uonfc331cyb83SJZevsfrA==" && entry.Tier == "Hot");
    }

    [Test]
    public async Task List_MoreThanOnePageAndMoreThanFitsInMemory_IsCompleteAndInOrder()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            await azurite.PutBlobAsync(container, $"{Slug}/{(i % 2 == 0 ? "\U0001F600" : "\uffee")}{i}", []));

        List<InventoryEntry> entries = await Open(sortedInMemory: 700).ListAsync();

        entries.Should().HaveCount(5_200).And.OnlyHaveUniqueItems(entry => entry.Path);
        entries.Select(entry => entry.Path).Should().BeInAscendingOrder(PathOrder.Instance);
    }

    [Test]
    public async Task List_NoBlobs_IsMissing()
    {
        await azurite.PutBlobAsync(container, $"{Slug}-2/a", [1]);
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();
    }

    [Test]
    public async Task List_NoContainer_IsUnavailable()
    {
        container = "missing";
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task List_EmptyProject_IsEmptyAndNotMissing()
    {
        await Store.CreateRootAsync(default);
        await Store.CreateRootAsync(default);
        (await Store.ListAsync()).Should().BeEmpty();
        await Store.DeleteRootAsync(default);
        await Store.DeleteRootAsync(default);
        await FluentActions.Awaiting(() => Store.ListAsync()).Should().ThrowAsync<ProjectDataMissingException>();
    }

    [Test]
    public async Task CreateRoot_NameTakenByAFile_IsRefused()
    {
        await azurite.PutBlobAsync(container, Slug, [1]);
        await FluentActions.Awaiting(() => Store.CreateRootAsync(default)).Should().ThrowAsync<StoreRefusedException>();
        await Store.DeleteRootAsync(default);
        (await azurite.ListAsync(container)).Should().Equal([Slug], "it is no marker of ours");
    }

    [Test]
    public async Task List_FileAndFolderOfOneName_CannotBeMoved()
    {
        await azurite.PutBlobAsync(container, $"{Slug}/a", [1]);
        await azurite.PutBlobAsync(container, $"{Slug}/a/", []);
        (await Store.ListAsync()).Should().ContainSingle().Which.Kind.Should().Be(EntryKind.Other);
    }

    [Test]
    public async Task OpenRead_Blob_GivesItsContentAndOnlyItsVersion()
    {
        byte[] content = new byte[9_000_001];
        new Random(1).NextBytes(content);
        await azurite.PutBlobAsync(container, $"{Slug}/a #?%41/b", content);
        await azurite.PutBlobAsync(container, $"{Slug}/empty", []);
        List<InventoryEntry> entries = await Store.ListAsync();

        (await ReadAsync(entries[0])).Should().Equal(content);
        (await ReadAsync(entries[1])).Should().BeEmpty();

        await azurite.PutBlobAsync(container, $"{Slug}/a #?%41/b", content);
        await FluentActions.Awaiting(() => ReadAsync(entries[0])).Should().ThrowAsync<EntryChangedException>();
        await azurite.DeleteBlobAsync(container, $"{Slug}/a #?%41/b");
        await FluentActions.Awaiting(() => ReadAsync(entries[0])).Should().ThrowAsync<EntryChangedException>();
    }

    [Test]
    public async Task Delete_WholeInventory_LeavesNothingAndRepeats()
    {
        foreach (string name in (string[])["a", "b/c", "d #?%41", "m/"])
            await azurite.PutBlobAsync(container, $"{Slug}/{name}", []);
        await azurite.PutBlobAsync(container, $"{Slug}-2/kept", []);
        List<InventoryEntry> entries = await Store.ListAsync();

        await Store.DeleteAsync(entries, default);
        await Store.DeleteAsync(entries, default);

        (await azurite.ListAsync(container)).Should().Equal($"{Slug}-2/kept");
    }

    [Test]
    public async Task Delete_BlobChangedSinceItWasListed_KeepsIt()
    {
        await azurite.PutBlobAsync(container, $"{Slug}/a", [1]);
        List<InventoryEntry> entries = await Store.ListAsync();
        await azurite.PutBlobAsync(container, $"{Slug}/a", [2]);

        await FluentActions.Awaiting(() => Store.DeleteAsync(entries, default)).Should().ThrowAsync<EntryChangedException>();
        (await azurite.GetBlobAsync(container, $"{Slug}/a")).Should().Equal(2);
    }

    private async Task<byte[]> ReadAsync(InventoryEntry entry)
    {
        await using Stream stream = await Store.OpenReadAsync(entry, default);
        using MemoryStream content = new();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    private BlobStore Open(int sortedInMemory = 100_000)
    {
        string root = azurite.UriOf(container).AbsoluteUri;
        Location location = new(LocationKind.Blob, $"{root}/{Uri.EscapeDataString(Slug)}", root);
        return new BlobStore(location, new StorageRequests(http, () => new LocationAccess { OwnSas = AzuriteServer.Sas() }, identity: null), sortedInMemory);
    }
}
