using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Inventories;

namespace Tiering.Tests.Transfers.Locations;

/// <summary>What the tokens open, and what not, is asked of a real Azurite.</summary>
public sealed class AccessTests
{
    private readonly Dictionary<string, string?> settings = [];
    private AzuriteServer azurite = null!;
    private HttpClient http = null!;

    private AccessIssuer Issuer => new(new StorageSettings(name => settings.GetValueOrDefault(name)), http, identity: null, TimeProvider.System);

    private Location Location => new ProjectLocations(new StorageSettings(name => settings.GetValueOrDefault(name))).For(ProjectSlug.Parse("p 1"), StorageRole.Cool);

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
        settings["DATA_BACKEND_COOL"] = "azure_blob";
        settings["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account;
        settings["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key;
        settings["AZURE_STORAGE_BLOB_ENDPOINT"] = azurite.Endpoint.ToString();
        settings["AZURE_STORAGE_DATA_CONTAINER_COOL"] = $"cool-{Guid.NewGuid():N}";
        await Issuer.EnsureContainerAsync(Location, default);
    }

    [Test]
    public async Task EnsureContainer_ThereAlready_IsNoError() =>
        await FluentActions.Awaiting(() => Issuer.EnsureContainerAsync(Location, default)).Should().NotThrowAsync();

    [Test]
    public async Task ForTransfer_Source_ReadsAndListsAndNothingElse()
    {
        await azurite.PutBlobAsync(Container, "p 1/a", "hello"u8.ToArray());
        TransferAccess access = await Issuer.ForTransferAsync(Location, Location, default);
        foreach (string sas in (string[])[access.Source.AzCopySas!, access.Source.OwnSas!])
        {
            IProjectStore store = Open(sas);
            List<InventoryEntry> entries = await store.ListAsync();
            entries.Should().ContainSingle();
            await (await store.OpenReadAsync(entries[0], default)).DisposeAsync();
            await FluentActions.Awaiting(() => store.DeleteAsync(entries, default)).Should().ThrowAsync<StoreRefusedException>();
            await FluentActions.Awaiting(() => store.CreateRootAsync(default)).Should().ThrowAsync<StoreRefusedException>();
        }
    }

    [Test]
    public async Task ForTransfer_Destination_DoesNotLetAzCopyList()
    {
        await azurite.PutBlobAsync(Container, "p 1/a", "hello"u8.ToArray());
        TransferAccess access = await Issuer.ForTransferAsync(Location, Location, default);

        await FluentActions.Awaiting(() => Open(access.Destination.AzCopySas!).ListAsync()).Should().ThrowAsync<StoreRefusedException>();
        IProjectStore own = Open(access.Destination.OwnSas!);
        await own.DeleteAsync(await own.ListAsync(), default);
        await own.CreateRootAsync(default);
        (await own.ListAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task ForReading_OtherContainer_IsRefused()
    {
        LocationAccess access = await Issuer.ForReadingAsync(Location, default);
        settings["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "other-container";
        await Issuer.EnsureContainerAsync(Location, default);
        await FluentActions.Awaiting(() => Open(access.OwnSas!).ListAsync()).Should().ThrowAsync<StoreRefusedException>();
    }

    [Test]
    public async Task ForReading_Expired_IsRefusedWithoutShowingTheToken()
    {
        ManualTime time = new(DateTimeOffset.UtcNow.AddDays(-2));
        AccessIssuer past = new(new StorageSettings(name => settings.GetValueOrDefault(name)), http, identity: null, time);
        LocationAccess access = await past.ForReadingAsync(Location, default);
        access.ExpiresAt.Should().Be(time.GetUtcNow().AddHours(12));

        (await FluentActions.Awaiting(() => Open(access.OwnSas!).ListAsync()).Should().ThrowAsync<StoreRefusedException>())
            .Which.ToString().Should().NotContain("sig=").And.NotContain(access.OwnSas![^20..]);
    }

    [Test]
    public async Task ToString_Access_ShowsNoToken()
    {
        TransferAccess access = await Issuer.ForTransferAsync(Location, Location, default);
        access.ToString().Should().NotContain("sig").And.NotContain("sv=");
        access.Source.ToString().Should().NotContain("sig").And.NotContain("sv=");
    }

    [Test]
    public async Task ForTransfer_WithoutKeyOrForFolder_HasNoToken()
    {
        settings["AZURE_STORAGE_ACCOUNT_KEY"] = null;
        TransferAccess access = await Issuer.ForTransferAsync(new Location(LocationKind.Folder, "/a/b", "/a"), Location, default);
        access.Should().Be(new TransferAccess(LocationAccess.None, LocationAccess.None));
        access.ExpiresAt.Should().BeNull();
    }

    private string Container => settings["AZURE_STORAGE_DATA_CONTAINER_COOL"]!;

    private IProjectStore Open(string sas) => new ProjectStores(http).Open(Location, new LocationAccess { OwnSas = sas });
}
