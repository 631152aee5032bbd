using Tiering.Emulators.Files;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>A share called <c>hot</c> on a local folder, and a client with all permissions.</summary>
public abstract class FilesTest
{
    private protected TempFolder Folder { get; private set; } = null!;

    private protected FileShareEmulator Files { get; private set; } = null!;

    private ReservedPort _port = null!;

    private protected FilesClient Client { get; private set; } = null!;

    private protected string Hot => Folder.At("shares", "hot");

    [SetUp]
    public async Task StartAsync()
    {
        Folder = new TempFolder();
        Folder.Folder("shares", "hot");
        _port = new ReservedPort();
        Files = await FileShareEmulator.StartAsync(new() { Root = Folder.At("shares"), Port = _port.Number });
        Client = new FilesClient(Files);
    }

    [TearDown]
    public async Task StopAsync()
    {
        Client.Dispose();
        await Files.DisposeAsync();
        _port.Dispose();
        Folder.Dispose();
    }

    private protected async Task RestartAsync()
    {
        await Files.DisposeAsync();
        Files = await FileShareEmulator.StartAsync(new() { Root = Folder.At("shares"), Port = _port.Number });
    }
}
