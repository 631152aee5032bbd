using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>One Azurite for all tests of a fixture, and a lab for each.</summary>
public abstract class LocalLabFixture
{
    protected AzuriteServer Azurite { get; private set; } = null!;

    protected LocalLab Lab { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAzuriteAsync()
    {
        Azurite = await AzuriteServer.StartAsync();
        await Azurite.CreateContainerAsync("cool");
    }

    [OneTimeTearDown]
    public async Task StopAzuriteAsync() => await Azurite.DisposeAsync();

    [SetUp]
    public void OpenLab() => Lab = new LocalLab(Azurite);

    [TearDown]
    public async Task CloseLabAsync() => await Lab.DisposeAsync();
}
