using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>The real service with HOT in an emulated file share, COOL in Azurite with the blob front before it, and a project called <c>demo</c>.</summary>
internal sealed class ShareService : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly AzuriteServer azurite;
    private FileShareEmulator share = null!;
    private BlobFrontEmulator blobs = null!;

    private ShareService(AzuriteServer azurite) => this.azurite = azurite;

    public ServiceProcess Service { get; private set; } = null!;

    public FaultSet Faults { get; } = new();

    public RequestLog Log { get; } = new();

    public AzuriteServer Azurite => azurite;

    /// <summary>What the share holds of the project.</summary>
    public string Project => folder.At("data", "hot", "demo");

    /// <param name="files">The project: paths, each with itself as its content.</param>
    /// <param name="settings">On top of the usual ones.</param>
    public static async Task<ShareService> StartAsync(IEnumerable<string> files, params (string Name, string Value)[] settings)
    {
        ShareService started = new(await AzuriteServer.StartAsync());
        string hot = started.folder.Folder("data", "hot");
        started.share = await FileShareEmulator.StartAsync(new()
        {
            Root = started.folder.Folder("shares"), Shares = { ["hot"] = hot }, Faults = started.Faults, Log = started.Log,
        });
        started.blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = started.azurite.Endpoint, Faults = started.Faults, Log = started.Log });
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["AZURE_STORAGE_FILE_ENDPOINT"] = started.share.Endpoint.ToString(),
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = started.blobs.Endpoint.ToString(),
        };
        foreach ((string name, string value) in settings)
            all[name] = value;
        foreach (string file in files)
            started.folder.File($"data/hot/demo/{file}", file);
        started.Service = await ServiceProcess.StartAsync(started.folder.At("data"), started.azurite, all);
        await started.Service.AddAsync("demo");
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await blobs.DisposeAsync();
        await share.DisposeAsync();
        await azurite.DisposeAsync();
        Log.Dispose();
        folder.Dispose();
    }
}
