using System.Net.Http;
using System.Text;

namespace Tiering.Tests.Support;

public sealed class AzuriteServerTests
{
    [Test]
    public async Task Azurite_Restarted_KeepsPortAndWhatLiesInItsFolder()
    {
        using TempFolder folder = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync(folder.Root);
        await azurite.CreateContainerAsync("box");
        await azurite.PutBlobAsync("box", "a b/ä#%?.txt", Encoding.UTF8.GetBytes("hello"));
        int port = azurite.Port;

        await azurite.StopAsync();
        await FluentActions.Awaiting(() => azurite.ListAsync("box")).Should().ThrowAsync<HttpRequestException>();
        await azurite.RestartAsync();

        azurite.Port.Should().Be(port);
        (await azurite.ListAsync("box")).Should().Equal("a b/ä#%?.txt");
        Encoding.UTF8.GetString(await azurite.GetBlobAsync("box", "a b/ä#%?.txt")).Should().Be("hello");
    }

    [Test]
    public void Tools_AzCopy_IsThere() => File.Exists(Tools.AzCopy).Should().BeTrue(Tools.AzCopy);
}
