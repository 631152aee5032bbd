using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Job folders, real agents and a real Azurite, without the service: HOT in a folder, COOL in the container <c>cool</c>.</summary>
public sealed class AgentLab : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly AccessIssuer access;
    private readonly ProjectLocations locations;
    private readonly LocalJobHost host;

    private AgentLab(AzuriteServer azurite)
    {
        Azurite = azurite;
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["DATA_BACKEND"] = "folder",
            ["DATA_FOLDER"] = folder.Folder("hot"),
            ["DATA_BACKEND_COOL"] = "azure_blob",
            ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
            ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
            ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = azurite.Endpoint.ToString(),
        };
        StorageSettings storage = new(settings.GetValueOrDefault);
        locations = new ProjectLocations(storage);
        access = new AccessIssuer(storage, ProjectStores.CreateClient(), identity: null, TimeProvider.System);
        Manifests = new FileManifestStore(folder.Folder("manifests"));
        Folders = new DirectoryJobFolders(folder.Folder("jobs"), Manifests);
        host = new LocalJobHost(Folders, Tools.Agent, new Dictionary<string, string>(StringComparer.Ordinal) { ["AZCOPY_PATH"] = Tools.AzCopy });
    }

    public AzuriteServer Azurite { get; }

    public FileManifestStore Manifests { get; }

    public DirectoryJobFolders Folders { get; }

    public string Hot(string slug) => folder.At("hot", slug);

    public static async Task<AgentLab> StartAsync()
    {
        AgentLab lab = new(await AzuriteServer.StartAsync());
        await lab.Azurite.CreateContainerAsync("cool");
        return lab;
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

    public Task StartAgentAsync(OperationKey key, int attempt) => host.StartAsync(key.InstanceId, attempt, default);

    public Task StopAsync(OperationKey key) => host.StopAsync(key.InstanceId, default);

    /// <summary>Waits until the job has a verdict and nobody works on it, and keeps its manifest as the service does.</summary>
    public async Task<TransferVerdict> VerdictAsync(OperationKey key)
    {
        JobView view = await UntilAsync(key, job => job is { Verdict: not null, LeaseHeld: false });
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

    public async Task<JobView> UntilAsync(OperationKey key, Func<JobView, bool> isSo)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow.AddMinutes(3);
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
        await Azurite.DisposeAsync();
        folder.Dispose();
    }
}
