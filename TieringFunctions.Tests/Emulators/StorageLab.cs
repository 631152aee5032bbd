using Tiering.Emulators.Access;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>A share called <c>hot</c>, Azurite with a container called <c>cool</c>, and the front before it.</summary>
internal sealed class StorageLab : IAsyncDisposable
{
    private StorageLab(TempFolder folder, AzuriteServer azurite, FileShareEmulator files, BlobFrontEmulator blobs)
    {
        Folder = folder;
        Azurite = azurite;
        Files = files;
        Blobs = blobs;
    }

    public TempFolder Folder { get; }

    public AzuriteServer Azurite { get; }

    public FileShareEmulator Files { get; }

    public BlobFrontEmulator Blobs { get; }

    public FaultSet Faults => Files.Faults;

    public RequestLog Log => Files.Log;

    /// <summary>The local folder behind the share.</summary>
    public string Hot => Folder.At("shares", "hot");

    public static async Task<StorageLab> StartAsync()
    {
        TempFolder folder = new();
        folder.Folder("shares", "hot");
        FaultSet faults = new();
        RequestLog log = new();
        AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("cool");
        FileShareEmulator files = await FileShareEmulator.StartAsync(new() { Root = folder.At("shares"), Faults = faults, Log = log });
        BlobFrontEmulator blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint, Faults = faults, Log = log });
        return new StorageLab(folder, azurite, files, blobs);
    }

    public static string Sas(string permissions = "rwdlacup") => new SasBuilder(StorageAccount.Development).ForAccount(permissions);

    public string ShareUrl(string path) => $"{Files.UriOf("hot", path).AbsoluteUri}?{Sas()}";

    public string BlobUrl(string path) => $"{Blobs.UriOf("cool", path).AbsoluteUri}?{Sas()}";

    public Task<AzCopyRun> CoolAsync(string from, string to, params string[] more) =>
        AzCopyRun.CopyAsync(ShareUrl(from), BlobUrl(to), "FileBlob", Folder, ["--block-blob-tier=Cool", .. more]);

    public Task<AzCopyRun> RestoreAsync(string from, string to, params string[] more) =>
        AzCopyRun.CopyAsync(BlobUrl(from), ShareUrl(to), "BlobFile", Folder, more);

    public async ValueTask DisposeAsync()
    {
        await Files.DisposeAsync();
        await Blobs.DisposeAsync();
        await Azurite.DisposeAsync();
        Log.Dispose();
        Folder.Dispose();
    }
}
