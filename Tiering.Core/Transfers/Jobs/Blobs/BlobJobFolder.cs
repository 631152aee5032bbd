using System.Text.Json;

namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>
/// A job folder that is a prefix of a blob container. Small files are replaced under the condition that nobody else has replaced them:
/// an agent that lost its lease without knowing cannot overwrite its successor's, and finds out that it has one.
/// </summary>
public sealed class BlobJobFolder : IJobFolder, IDisposable
{
    /// <summary>What the service allows at most, in seconds.</summary>
    public const int LongestLeaseSeconds = 60;

    private readonly BlobFiles files;
    private readonly TimeSpan leaseDuration;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim writing = new(1);
    private readonly Dictionary<string, KnownVersion> versions = new(StringComparer.Ordinal);
    private BlobLease? lease;

    /// <param name="container">Where job folders lie.</param>
    /// <param name="instanceId">The folder's name.</param>
    /// <param name="localPath">A folder of this machine for files under work; made when it is missing. It may be lost at any time.</param>
    /// <param name="leaseDuration">15 to 60 seconds: how long a dead agent's lease holds others off.</param>
    /// <param name="clock">Measures the lease.</param>
    public BlobJobFolder(JobContainer container, string instanceId, string localPath, TimeSpan leaseDuration, TimeProvider clock)
    {
        files = new BlobFiles(container, instanceId);
        LocalPath = Directory.CreateDirectory(localPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        this.leaseDuration = leaseDuration;
        this.clock = clock;
    }

    public string LocalPath { get; }

    /// <summary>The beat of every such folder.</summary>
    public static TimeSpan StandardBeat => TimeSpan.FromSeconds(5); // each costs three requests

    public TimeSpan Beat => StandardBeat;

    public async Task<IJobLease?> TryAcquireLeaseAsync(CancellationToken cancellation)
    {
        versions.Clear();
        return lease = await BlobLease.TryAcquireAsync(files, leaseDuration, clock, cancellation);
    }

    public async Task<T?> ReadAsync<T>(string name, CancellationToken cancellation)
        where T : class
    {
        await writing.WaitAsync(cancellation);
        try
        {
            SmallBlob? blob = await files.ReadAsync(name, cancellation);
            versions.TryAdd(name, new KnownVersion(blob?.ETag ?? BlobFiles.Absent, Uncertain: null));
            return blob is null ? null : JsonSerializer.Deserialize<T>(blob.Content, TieringJson.Options);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <exception cref="OperationCanceledException">Somebody else has written the file: the lease is lost.</exception>
    public async Task WriteAsync<T>(string name, T value, bool durable, CancellationToken cancellation)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(value, TieringJson.Indented);
        await writing.WaitAsync(cancellation);
        try
        {
            string condition = await VersionOfAsync(name, cancellation);
            versions[name] = new KnownVersion(condition, Uncertain: content); // until there is an answer
            string written = await files.WriteAsync(name, content, condition, cancellation) ?? throw await LostAsync();
            versions[name] = new KnownVersion(written, Uncertain: null);
        }
        finally
        {
            writing.Release();
        }
    }

    public async Task<string?> FetchAsync(string name, CancellationToken cancellation)
    {
        string path = Path.Combine(LocalPath, name);
        return await files.DownloadAsync(name, path, cancellation) ? path : null;
    }

    public Task PublishAsync(string name, CancellationToken cancellation) => files.UploadAsync(name, Path.Combine(LocalPath, name), cancellation);

    public async Task<bool> IsCancelRequestedAsync(CancellationToken cancellation) => await files.HeadAsync(JobFiles.Cancel, cancellation) is not null;

    public void Dispose() => writing.Dispose();

    /// <summary>The version that a write of ours has to replace.</summary>
    private async Task<string> VersionOfAsync(string name, CancellationToken cancellation)
    {
        if (!versions.TryGetValue(name, out KnownVersion? known))
            return (await files.HeadAsync(name, cancellation))?.ETag ?? BlobFiles.Absent;
        if (known.Uncertain is null)
            return known.ETag;
        SmallBlob? there = await files.ReadAsync(name, cancellation); // the last write had no answer: it was done, or it was not
        if ((there?.ETag ?? BlobFiles.Absent) == known.ETag)
            return known.ETag;
        return there is not null && there.Content.AsSpan().SequenceEqual(known.Uncertain) ? there.ETag : throw await LostAsync();
    }

    private async Task<OperationCanceledException> LostAsync()
    {
        if (lease is not null)
            await lease.LoseAsync();
        return new OperationCanceledException("Another agent has written the job's files: this one has lost its lease.", lease?.Lost ?? default);
    }

    /// <param name="ETag">The version seen last.</param>
    /// <param name="Uncertain">What was sent since, without an answer; null for nothing.</param>
    private sealed record KnownVersion(string ETag, byte[]? Uncertain);
}
