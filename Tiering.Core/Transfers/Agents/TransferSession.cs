using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Agents;

/// <summary>What the phases of one attempt share: the job, its folder, both stores, the checkpoint and the progress.</summary>
public sealed class TransferSession
{
    private readonly IJobFolder folder;
    private readonly AccessFile access;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly RateMeter meter = new();
    private TransferProgress progress;
    private JobLimits? limits;
    private long bytesRead;

    private TransferSession(IJobFolder folder, TransferJob job, int attempt, AgentCheckpoint checkpoint, IProjectStore source, IProjectStore destination, AccessFile access, TimeProvider clock)
    {
        (this.folder, this.access, this.clock) = (folder, access, clock);
        (Job, Attempt, Checkpoint, Source, Destination) = (job, attempt, checkpoint, source, destination);
        DateTimeOffset now = clock.GetUtcNow();
        progress = new TransferProgress(attempt, TransferPhase.Starting, now, now) { AzCopyJobs = checkpoint.AzCopyJobs };
    }

    public TransferJob Job { get; }

    public int Attempt { get; }

    public AgentCheckpoint Checkpoint { get; private set; }

    public IProjectStore Source { get; }

    public IProjectStore Destination { get; }

    /// <summary>The access as it was renewed last.</summary>
    public TransferAccess Access => access.Current;

    /// <summary>The inventory of the source as it was found before the copy: what the source must still be afterwards.</summary>
    public string SourcePath => Path.Combine(folder.LocalPath, JobFiles.Source);

    /// <summary>Where AzCopy's plans and logs, and files under work, lie.</summary>
    public string LocalPath => folder.LocalPath;

    /// <summary>The manifest of this operation on the local disk; whole once the checkpoint says that the source was inventoried.</summary>
    public string ManifestPath => Path.Combine(folder.LocalPath, JobFiles.Manifest);

    /// <summary>Takes up a job where the attempt before left it.</summary>
    public static async Task<TransferSession> OpenAsync(IJobFolder folder, int attempt, ProjectStores stores, TimeProvider clock, CancellationToken cancellation)
    {
        TransferJob job = await folder.ReadAsync<TransferJob>(JobFiles.Job, cancellation)
            ?? throw new TransferFailedException("job-missing", "The job folder holds no job.");
        AgentCheckpoint checkpoint = await folder.ReadAsync<AgentCheckpoint>(AgentCheckpoint.FileName, cancellation) ?? new AgentCheckpoint();
        if (checkpoint.SourceInventoried && await folder.FetchAsync(JobFiles.Manifest, cancellation) is null)
            throw new TransferFailedException("manifest-missing", "The job folder has lost the manifest of this operation.");
        if (checkpoint.SourceInventoried && await folder.FetchAsync(JobFiles.Source, cancellation) is null)
            throw new TransferFailedException("manifest-missing", "The job folder has lost the inventory of the source.");
        AccessFile renewed = new(folder);
        await renewed.ReadAsync(cancellation);
        TransferSession session = new(
            folder,
            job,
            attempt,
            checkpoint,
            stores.Open(job.Source, () => renewed.Current.Source),
            stores.Open(job.Destination, () => renewed.Current.Destination),
            renewed,
            clock);
        await session.RefreshAsync(cancellation);
        return session;
    }

    /// <summary>The bounds of the bandwidth as the service told them last; null when it has none set: then the agent's own hold.</summary>
    public BandwidthTimetable? Caps { get; private set; }

    /// <summary>Takes over access and limits that the service has renewed.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await access.ReadAsync(cancellation);
        if (await folder.ReadAsync<JobLimits>(JobFiles.Limits, cancellation) is not { } told || told == limits)
            return;
        limits = told;
        try
        {
            Caps = told.CapMbps is null ? null : told.Caps();
        }
        catch (ConfigurationException)
        {
            // A service of another version knows more; what held before goes on to hold.
        }
    }

    public async Task SaveAsync(AgentCheckpoint checkpoint, CancellationToken cancellation)
    {
        await folder.WriteAsync(AgentCheckpoint.FileName, checkpoint, durable: true, cancellation);
        Checkpoint = checkpoint;
        Report(now => now with { AzCopyJobs = checkpoint.AzCopyJobs });
    }

    /// <summary>A file of the folder on the local disk; null when there is none.</summary>
    public Task<string?> FetchAsync(string name, CancellationToken cancellation) => folder.FetchAsync(name, cancellation);

    public Task PublishAsync(string name, CancellationToken cancellation) => folder.PublishAsync(name, cancellation);

    /// <summary>A small file of the folder; null when there is none.</summary>
    public Task<T?> ReadAsync<T>(string name, CancellationToken cancellation)
        where T : class => folder.ReadAsync<T>(name, cancellation);

    public Task WriteAsync<T>(string name, T value, CancellationToken cancellation) => folder.WriteAsync(name, value, durable: true, cancellation);

    public Task EnterAsync(TransferPhase phase, CancellationToken cancellation)
    {
        Report(now => now with { Phase = phase });
        RestartMeter();
        return PublishProgressAsync(cancellation);
    }

    /// <summary>Takes over what is known now; the stall limit counts from the last change.</summary>
    public void Report(Func<TransferProgress, TransferProgress> change)
    {
        lock (gate)
        {
            TransferProgress changed = change(progress);
            if (changed != progress)
                progress = changed with { LastChange = clock.GetUtcNow() };
        }
    }

    /// <summary>Says that work goes on although no figure shows it: a long listing, a long hash.</summary>
    public void Alive()
    {
        lock (gate)
            progress = progress with { LastChange = clock.GetUtcNow() };
    }

    /// <summary>The proof that comes after the copy.</summary>
    public ProofAhead Proof { get; set; } = ProofAhead.None;

    /// <summary>Begins to measure the speed anew: what was done before is no speed of what comes.</summary>
    public void RestartMeter()
    {
        lock (gate)
        {
            meter.Restart();
            bytesRead = 0;
            progress = progress with { BytesPerSecond = null, FilesPerSecond = null, EstimatedEnd = null };
        }
    }

    /// <summary>Takes in how much is copied by what runs now, and what is left to copy. This is no sign of life: a stall must show.</summary>
    /// <param name="copied">By what runs now.</param>
    /// <param name="left">To copy.</param>
    /// <param name="isCapped">Whether a bound of the bandwidth holds the copy back.</param>
    public void Measure(DataSize copied, DataSize left, bool isCapped)
    {
        lock (gate)
        {
            Take(copied, left, ended: false);
            progress = progress with { EstimatedEnd = progress.EstimatedEnd + Proof.TimeAfter(progress.BytesPerSecond, isCapped) };
        }
    }

    /// <summary>Takes in what the proof has just read, on either side; safe for concurrent use.</summary>
    public void Read(long bytes)
    {
        lock (gate)
        {
            progress = progress with { LastChange = clock.GetUtcNow() };
            bytesRead += bytes;
            long left = (2 * Proof.Bytes) - bytesRead;
            Take(new DataSize(0, bytesRead), new DataSize(0, left), ended: left <= 0); // a sample may be larger than its part of the files
        }
    }

    private void Take(DataSize done, DataSize left, bool ended)
    {
        DateTimeOffset now = clock.GetUtcNow();
        meter.Add(now, done);
        progress = progress with
        {
            BytesPerSecond = meter.BytesPerSecond is { } bytes ? Math.Round(bytes) : null,
            FilesPerSecond = meter.FilesPerSecond is { } files ? Math.Round(files, 2) : null,
            EstimatedEnd = ended ? null : now + meter.Left(left),
        };
    }

    public DataSize? Total => progress.Total;

    /// <summary>What the copy has told to be done, at most.</summary>
    public DataSize Copied => progress.Copied;

    public Task PublishProgressAsync(CancellationToken cancellation)
    {
        TransferProgress now;
        lock (gate)
            now = progress = progress with { Heartbeat = clock.GetUtcNow() };
        return folder.WriteAsync(JobFiles.Progress, now, durable: false, cancellation);
    }

    public IAsyncEnumerable<InventoryEntry> ReadManifest(CancellationToken cancellation) => Watched(ManifestReader.ReadAsync(ManifestPath, cancellation));

    /// <summary>Lists a store; a long listing counts as a sign of life.</summary>
    public IAsyncEnumerable<InventoryEntry> List(IProjectStore store, CancellationToken cancellation) => Watched(store.ListAsync(cancellation));

    private async IAsyncEnumerable<InventoryEntry> Watched(IAsyncEnumerable<InventoryEntry> entries)
    {
        int since = 0;
        await foreach (InventoryEntry entry in entries)
        {
            if (++since % 1000 == 0)
                Alive();
            yield return entry;
        }
    }
}
