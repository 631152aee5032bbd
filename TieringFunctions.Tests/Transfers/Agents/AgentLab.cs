using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Deletion;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Files;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>
/// Job folders, real agents and a real Azurite, without the service: COOL in the container <c>cool</c>, HOT in a folder or in an emulated
/// file share of the same name, and the blob front before Azurite.
/// </summary>
public sealed class AgentLab : IAsyncDisposable
{
    private static readonly TimeSpan VerdictLimit = TimeSpan.FromMinutes(30); // gigabytes and ten thousands of files take their time

    private readonly TempFolder folder = new();
    private readonly ProjectStores stores = new(ProjectStores.CreateClient());
    private readonly ProjectLocations locations;
    private readonly AccessIssuer access;
    private readonly LocalJobHost host;
    private FileShareEmulator? files;
    private BlobFrontEmulator? blobs;
    private TempFolder? blobFolder;

    private AgentLab(AzuriteServer azurite, bool share)
    {
        Azurite = azurite;
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = share ? "azure_fileshare" : "folder",
            ["DATA_FOLDER"] = folder.Folder("hot"),
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["DATA_BACKEND_COOL"] = "azure_blob",
            ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
            ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
            ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
        };
        StorageSettings storage = new(name => name switch
        {
            "AZURE_STORAGE_FILE_ENDPOINT" => files?.Endpoint.ToString(),
            "AZURE_STORAGE_BLOB_ENDPOINT" => (blobs?.Endpoint ?? azurite.Endpoint).ToString(),
            _ => settings.GetValueOrDefault(name),
        });
        AccessLifetime = storage.AccessLifetime;
        locations = new ProjectLocations(storage);
        access = new AccessIssuer(storage, ProjectStores.CreateClient(), identity: null, AccessTime);
        Manifests = new FileManifestStore(folder.Folder("manifests"));
        Folders = new DirectoryJobFolders(folder.Folder("jobs"), Manifests);
        host = new LocalJobHost(Folders, Tools.Agent, AgentSettings);
    }

    /// <summary>What the agents get in their environment.</summary>
    public Dictionary<string, string> AgentSettings { get; } = new(StringComparer.Ordinal) { ["AZCOPY_PATH"] = Tools.AzCopy };

    public AzuriteServer Azurite { get; }

    /// <summary>What goes wrong, or waits, at the emulators.</summary>
    public FaultSet Faults { get; } = new();

    /// <summary>The requests to the emulators.</summary>
    public RequestLog Log { get; } = new();

    public TimeSpan AccessLifetime { get; }

    /// <summary>The clock by which access is signed: set back, the access runs out sooner.</summary>
    public ShiftedTime AccessTime { get; } = new();

    public FileManifestStore Manifests { get; }

    public DirectoryJobFolders Folders { get; }

    public string Hot(string slug) => folder.At("hot", slug);

    public static async Task<AgentLab> StartAsync()
    {
        AgentLab lab = new(await AzuriteServer.StartAsync(), share: false);
        await lab.StartBlobsAsync();
        return lab;
    }

    /// <summary>HOT in a folder, and the blob front before Azurite.</summary>
    public static async Task<AgentLab> StartFrontAsync()
    {
        AgentLab lab = await StartAsync();
        lab.blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = lab.Azurite.Endpoint, Faults = lab.Faults, Log = lab.Log });
        return lab;
    }

    /// <summary>HOT in an emulated file share: what lies in <see cref="Hot"/> is what the share holds.</summary>
    /// <param name="onDisk">Whether the blobs lie on disk and not in memory: for gigabytes.</param>
    public static async Task<AgentLab> StartShareAsync(bool onDisk = false)
    {
        TempFolder? disk = onDisk ? new TempFolder() : null;
        AgentLab lab = new(await AzuriteServer.StartAsync(disk?.Root), share: true) { blobFolder = disk };
        await lab.StartBlobsAsync();
        lab.files = await FileShareEmulator.StartAsync(new()
        {
            Root = lab.folder.Folder("shares"),
            Shares = { ["hot"] = lab.folder.At("hot") },
            Faults = lab.Faults,
            Log = lab.Log,
        });
        return lab;
    }

    private async Task StartBlobsAsync()
    {
        await Azurite.CreateContainerAsync("cool");
        blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = Azurite.Endpoint, Faults = Faults, Log = Log });
    }

    /// <summary>The project's store in a role, with access for everything.</summary>
    public async Task<IProjectStore> StoreAsync(string slug, StorageRole role)
    {
        Location location = locations.For(ProjectSlug.Parse(slug), role);
        return stores.Open(location, (await access.ForTransferAsync(location, location, default)).Destination);
    }

    /// <summary>Prepares a job as the service does.</summary>
    public async Task<OperationKey> PrepareAsync(string slug, OperationType type, Proof? proof = null)
    {
        OperationKey key = new(ProjectSlug.Parse(slug), type, Guid.NewGuid());
        Location source = locations.For(key.Project, key.SourceRole);
        Location destination = locations.For(key.Project, key.DestinationRole);
        KeptManifest? witness = type == OperationType.Restore ? await Manifests.LatestAsync(key.Project, OperationType.Cool, default) : null;
        IReadOnlyList<KeptManifest> known = await Manifests.ExplainingAsync(key.Project, default);
        TransferJob job = new(key, source, destination)
        {
            Proof = proof,
            Witnessed = witness is not null,
            KnownManifests = [.. known.Select(JobInputs.FileOf)],
        };
        await Folders.PrepareAsync(key.InstanceId, new JobInputs(job, await access.ForTransferAsync(source, destination, default), witness, known), default);
        return key;
    }

    /// <summary>Deletes what the project's last proved operation of a type copied from, with all the checks of the service.</summary>
    public async Task DeleteSourceAsync(string slug, OperationType type)
    {
        KeptManifest kept = (await Manifests.LatestAsync(ProjectSlug.Parse(slug), type, default))!;
        OperationKey key = new(kept.Project, type, kept.OperationId!.Value);
        string manifest = folder.At("deletion.jsonl.gz");
        await Manifests.CopyToAsync(kept, manifest, default);
        SourceRemoval removal = new(key, manifest, TimeProvider.System);
        IProjectStore source = await StoreAsync(slug, key.SourceRole);
        await removal.CheckRetainedAsync(await StoreAsync(slug, key.DestinationRole), expected: null, default);
        await removal.CheckSourceAsync(source, default);
        while (!await removal.RemoveAsync(source, TimeSpan.FromSeconds(30), default))
        {
            // goes on with what is left
        }
    }

    /// <summary>Gives a job access that works from now on, as the service does before the old one runs out.</summary>
    public async Task RenewAccessAsync(OperationKey key)
    {
        TransferAccess renewed = await access.ForTransferAsync(locations.For(key.Project, key.SourceRole), locations.For(key.Project, key.DestinationRole), default);
        AtomicFile.WriteJson(Path.Combine(Folders.PathOf(key.InstanceId), JobFiles.Access), renewed);
    }

    public Task StartAgentAsync(OperationKey key, int attempt) => host.StartAsync(key.InstanceId, attempt, default);

    public Task StopAsync(OperationKey key) => host.StopAsync(key.InstanceId, default);

    /// <summary>Waits until the job has a verdict and nobody works on it, and keeps its manifest as the service does.</summary>
    public async Task<TransferVerdict> VerdictAsync(OperationKey key)
    {
        JobView view = await UntilAsync(key, job => job is { Verdict: not null, LeaseHeld: false }, VerdictLimit);
        if (view.Verdict!.TouchedDestination && await Folders.FetchManifestAsync(key.InstanceId, default) is { } manifest)
            await Manifests.KeepAsync(key.Project, key, manifest, proved: view.Verdict.Error is null, default);
        return view.Verdict;
    }

    public async Task<TransferVerdict> RunAsync(string slug, OperationType type, Proof? proof = null)
    {
        OperationKey key = await PrepareAsync(slug, type, proof);
        await StartAgentAsync(key, attempt: 1);
        return await VerdictAsync(key);
    }

    public async Task<JobView> UntilAsync(OperationKey key, Func<JobView, bool> isSo, TimeSpan? within = null)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow + (within ?? Eventually.Limit);
        while (true)
        {
            JobView view = await Folders.ReadAsync(key.InstanceId, default);
            if (isSo(view))
                return view;
            if (DateTimeOffset.UtcNow > limit)
                throw new TimeoutException($"{view}\n{File.ReadAllText(Path.Combine(Folders.PathOf(key.InstanceId), "agent.log"))}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string job in Directory.EnumerateDirectories(folder.At("jobs")))
            await host.StopAsync(Path.GetFileName(job), default);
        if (files is not null)
            await files.DisposeAsync();
        if (blobs is not null)
            await blobs.DisposeAsync();
        await Azurite.DisposeAsync();
        Log.Dispose();
        blobFolder?.Dispose();
        folder.Dispose();
    }
}

/// <summary>The system's clock, some time behind.</summary>
public sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Behind { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - Behind;
}
