using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.Faults;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>
/// Agents in this process, so that their patience can be shortened, with AzCopy, or a stand-in, as the real process that it is. HOT is a
/// folder, COOL a container of Azurite called <c>cool</c>.
/// </summary>
public sealed class LocalLab : IAsyncDisposable
{
    private readonly HttpClient http = ProjectStores.CreateClient();
    private readonly FileManifestStore manifests;
    private readonly DirectoryJobFolders folders;
    private readonly List<string> earlier = [];
    private readonly List<TransferProgress> progress = [];
    private BlobFrontEmulator? front;

    public LocalLab(AzuriteServer azurite)
    {
        Azurite = azurite;
        BlobEndpoint = azurite.Endpoint;
        Temp.Folder("hot");
        manifests = new FileManifestStore(Temp.Folder("manifests"));
        folders = new DirectoryJobFolders(Temp.Folder("jobs"), manifests);
        Options = new AzCopyOptions { Path = Tools.AzCopy, BufferGb = 0.1 };
    }

    public TempFolder Temp { get; } = new();

    public AzuriteServer Azurite { get; }

    /// <summary>Where the agents reach COOL.</summary>
    public Uri BlobEndpoint { get; set; }

    public AzCopyOptions Options { get; set; }

    /// <summary>The real AzCopy.</summary>
    public string AzCopy
    {
        get;
        set
        {
            field = value;
            Options = Options with { Path = value };
        }
    } = Tools.AzCopy;

    /// <summary>The clock by which AzCopy is watched.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Writes an agent's checkpoint, by calling the second argument: what it throws before or after that, the agent meets.</summary>
    public Func<AgentCheckpoint, Func<Task>, Task> WriteCheckpoint { get; set; } = (_, write) => write();

    /// <summary>What the agents log.</summary>
    public CapturedLog Log { get; } = new();

    /// <summary>Every state of the progress that the last agent published.</summary>
    public IReadOnlyList<TransferProgress> Progress
    {
        get
        {
            lock (progress)
                return [.. progress];
        }
    }

    public string Hot(string slug) => Temp.At("hot", slug);

    public string JobOf(OperationKey key) => folders.PathOf(key.InstanceId);

    /// <summary>Replaces AzCopy by one that plays a script.</summary>
    /// <returns>The path of the script, beside which calls are counted.</returns>
    public string Lie(string script)
    {
        string file = Temp.File($"script-{Guid.NewGuid():N}", script);
        Options = Options with { Path = ShellProgram.Write(Temp.At($"azcopy-{Guid.NewGuid():N}"), $"exec '{Environment.ProcessPath}' exec '{Tools.StandIn}' '{file}' '{AzCopy}' \"$@\"") };
        return file;
    }

    /// <summary>The real AzCopy again, with all the patience that it may need.</summary>
    public void TellTheTruth() => Options = Options with { Path = AzCopy, Patience = new AzCopyPatience() };

    /// <summary>Puts something before the real AzCopy: lines of a shell, such as <c>ulimit -v 300000</c>.</summary>
    public void Restrict(string shell) =>
        Options = Options with { Path = ShellProgram.Write(Temp.At($"azcopy-{Guid.NewGuid():N}"), $"{shell}\nexec '{AzCopy}' \"$@\"") };

    /// <summary>Lets the blob front stand before Azurite from now on.</summary>
    /// <returns>What goes wrong, or waits, there.</returns>
    public async Task<FaultSet> FrontAsync()
    {
        front ??= await BlobFrontEmulator.StartAsync(new() { Azurite = Azurite.Endpoint });
        BlobEndpoint = front.Endpoint;
        return front.Faults;
    }

    /// <summary>A project of three small files.</summary>
    public string WriteProject(string slug)
    {
        foreach (string name in (string[])["a.txt", "b.txt", "sub/c.txt"])
            Temp.File($"hot/{slug}/{name}", $"the content of {name} in {slug}");
        return Hot(slug);
    }

    public async Task<OperationKey> PrepareAsync(string slug, OperationType type, Proof? proof = null)
    {
        OperationKey key = new(ProjectSlug.Parse(slug), type, Guid.NewGuid());
        StorageSettings storage = Storage();
        ProjectLocations locations = new(storage);
        AccessIssuer access = new(storage, http, identity: null, TimeProvider.System);
        (Location source, Location destination) = (locations.For(key.Project, key.SourceRole), locations.For(key.Project, key.DestinationRole));
        KeptManifest? witness = type == OperationType.Restore ? await manifests.LatestAsync(key.Project, OperationType.Cool, default) : null;
        IReadOnlyList<KeptManifest> known = await manifests.ExplainingAsync(key.Project, default);
        TransferJob job = new(key, source, destination)
        {
            Proof = proof,
            Witnessed = witness is not null,
            KnownManifests = [.. known.Select(JobInputs.FileOf)],
            EarlierAzCopyJobs = [.. earlier],
        };
        await folders.PrepareAsync(key.InstanceId, new JobInputs(job, await access.ForTransferAsync(source, destination, default), witness, known), default);
        return key;
    }

    /// <summary>From now on operations know an AzCopy job as one of an operation before.</summary>
    public void Remember(string azCopyJob) => earlier.Add(azCopyJob);

    public async Task<TransferVerdict> RunAsync(string slug, OperationType type, Proof? proof = null) => await AttemptAsync(await PrepareAsync(slug, type, proof));

    /// <summary>One attempt to its end, with the manifest kept as the service does.</summary>
    public async Task<TransferVerdict> AttemptAsync(OperationKey key, int attempt = 1, CancellationToken cancellation = default)
    {
        AzCopyDataCopy copy = new(Options, Clock, Log);
        WatchedFolder folder = new(JobOf(key), progress, WriteCheckpoint);
        TransferAgent agent = new(folder, new ProjectStores(http), copy, new Orphans(JobOf(key)), Storage(), TimeProvider.System, Log);
        (await agent.RunAsync(attempt, cancellation)).Should().Be(AgentEnd.Verdict);
        JobView view = await folders.ReadAsync(key.InstanceId, default);
        earlier.AddRange(view.Verdict!.AzCopyJobs);
        string? manifest = await folders.FetchLeftAsync(key.InstanceId, default) ?? await folders.FetchManifestAsync(key.InstanceId, default);
        if (view.Verdict.TouchedDestination && manifest is not null)
            await manifests.KeepAsync(key.Project, key, manifest, proved: view.Verdict.Error is null, default);
        AzCopyOrphans.Find(JobOf(key)).Should().BeEmpty("no AzCopy outlives its agent");
        return view.Verdict;
    }

    /// <summary>Starts another agent for the job while one works, and counts writers until that one ends.</summary>
    /// <param name="key">The job.</param>
    /// <param name="attempt">Of the other agent.</param>
    /// <param name="first">The one that works.</param>
    /// <param name="refused">Called when the other has asked for the lease in vain.</param>
    public async Task<AgentEndOf> SecondAgentAsync(OperationKey key, int attempt, Task<TransferVerdict> first, Action refused)
    {
        AzCopyDataCopy copy = new(Options, TimeProvider.System, Log);
        WatchedFolder folder = new(JobOf(key), [], WriteCheckpoint);
        TransferAgent agent = new(folder, new ProjectStores(http), copy, new Orphans(JobOf(key)), Storage(), TimeProvider.System, Log);
        Task<AgentEnd> second = agent.RunAsync(attempt, default);
        await Eventually.IsTrueAsync(() => folder.Refusals > 0);
        int most = Writers(); // before the first may go on, and end
        refused();
        while (!first.IsCompleted)
        {
            most = Math.Max(most, Writers());
            await Task.Delay(50);
        }
        return new AgentEndOf(await second, most);

        int Writers() => AzCopyOrphans.Find(JobOf(key)).Count(process => IsCopying(process.Id));
    }

    private static bool IsCopying(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0').Any(argument => argument is "copy" or "resume");
        }
        catch (IOException)
        {
            return false;
        }
    }

    public Task CancelAsync(OperationKey key) => folders.RequestCancelAsync(key.InstanceId, default);

    public Task<JobView> ReadAsync(OperationKey key) => folders.ReadAsync(key.InstanceId, default);

    /// <summary>The paths of the blobs of a project.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync(string slug) =>
        [.. (await Azurite.ListAsync("cool")).Where(name => name.StartsWith($"{slug}/", StringComparison.Ordinal)).Select(name => name[(slug.Length + 1)..])];

    public async ValueTask DisposeAsync()
    {
        if (front is not null)
            await front.DisposeAsync();
        http.Dispose();
        Temp.Dispose();
    }

    private StorageSettings Storage() => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DATA_BACKEND"] = "folder",
        ["DATA_FOLDER"] = Temp.At("hot"),
        ["DATA_BACKEND_COOL"] = "azure_blob",
        ["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool",
        ["AZURE_STORAGE_BLOB_ENDPOINT"] = BlobEndpoint.ToString(),
        ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
        ["AZURE_STORAGE_ACCOUNT_KEY"] = AzuriteServer.Key,
    }.GetValueOrDefault);

    private sealed class Orphans(string folder) : IOrphans
    {
        public Task EndAsync(CancellationToken cancellation) => AzCopyOrphans.EndAsync(folder, cancellation);
    }

    /// <summary>A job folder that remembers the progress, and how often its lease was refused.</summary>
    private sealed class WatchedFolder(string path, List<TransferProgress> progress, Func<AgentCheckpoint, Func<Task>, Task> writeCheckpoint) : IJobFolder
    {
        private readonly DirectoryJobFolder inner = new(path);
        private int refusals;

        public int Refusals => Volatile.Read(ref refusals);

        public string LocalPath => inner.LocalPath;

        public TimeSpan Beat => inner.Beat;

        public async Task<IJobLease?> TryAcquireLeaseAsync(CancellationToken cancellation)
        {
            IJobLease? lease = await inner.TryAcquireLeaseAsync(cancellation);
            if (lease is null)
                Interlocked.Increment(ref refusals);
            return lease;
        }

        public Task<T?> ReadAsync<T>(string name, CancellationToken cancellation)
            where T : class => inner.ReadAsync<T>(name, cancellation);

        public Task WriteAsync<T>(string name, T value, bool durable, CancellationToken cancellation)
        {
            if (value is AgentCheckpoint checkpoint)
                return writeCheckpoint(checkpoint, () => inner.WriteAsync(name, value, durable, cancellation));
            if (value is TransferProgress now)
            {
                lock (progress)
                    progress.Add(now);
            }
            return inner.WriteAsync(name, value, durable, cancellation);
        }

        public Task<string?> FetchAsync(string name, CancellationToken cancellation) => inner.FetchAsync(name, cancellation);

        public Task PublishAsync(string name, CancellationToken cancellation) => inner.PublishAsync(name, cancellation);

        public Task<bool> IsCancelRequestedAsync(CancellationToken cancellation) => inner.IsCancelRequestedAsync(cancellation);
    }
}

/// <param name="End">What became of the second agent.</param>
/// <param name="MostWriters">How many AzCopy there were at once, at most.</param>
public sealed record AgentEndOf(AgentEnd End, int MostWriters);
