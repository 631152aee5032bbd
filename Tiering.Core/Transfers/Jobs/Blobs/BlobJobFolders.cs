using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Jobs.Blobs;

/// <summary>Job folders that are prefixes of a blob container, named by instance id.</summary>
/// <param name="container">Where they lie; it exists.</param>
/// <param name="local">A folder of this machine for manifests on their way; it need not last.</param>
/// <param name="manifests">Where the manifests that a job needs are kept.</param>
public sealed class BlobJobFolders(JobContainer container, string local, IManifestStore manifests) : IJobFolders
{
    public async Task PrepareAsync(string instanceId, JobInputs inputs, CancellationToken cancellation)
    {
        BlobFiles files = new(container, instanceId);
        await WriteAsync(files, JobFiles.Access, inputs.Access, condition: null, cancellation);
        if (inputs.Limits is { } limits && limits.Replaces(await ReadAsync<JobLimits>(files, JobFiles.Limits, cancellation)))
            await WriteAsync(files, JobFiles.Limits, limits, condition: null, cancellation);
        if (await files.HeadAsync(JobFiles.Job, cancellation) is not null)
            return;
        foreach (KeptManifest known in inputs.Known)
            await CopyAsync(files, known, JobInputs.FileOf(known), instanceId, cancellation);
        if (inputs.Witness is { } witness)
            await CopyAsync(files, witness, JobFiles.Witness, instanceId, cancellation);
        await WriteAsync(files, JobFiles.Job, inputs.Job, BlobFiles.Absent, cancellation); // last: with it the folder is complete; the first one stays
    }

    public async Task<JobView> ReadAsync(string instanceId, CancellationToken cancellation)
    {
        BlobFiles files = new(container, instanceId);
        bool held = (await files.HeadAsync(JobFiles.Lease, cancellation))?.Leased ?? false; // first: a lease that is free now, and then no verdict, means a lost agent
        return new JobView(
            await ReadAsync<TransferProgress>(files, JobFiles.Progress, cancellation),
            await ReadAsync<TransferVerdict>(files, JobFiles.Verdict, cancellation),
            held,
            (await ReadAsync<AgentRecord>(files, JobFiles.Agent, cancellation))?.Attempt ?? 0,
            (await ReadAsync<TransferAccess>(files, JobFiles.Access, cancellation))?.ExpiresAt)
        {
            Limits = await ReadAsync<JobLimits>(files, JobFiles.Limits, cancellation),
        };
    }

    public Task RequestCancelAsync(string instanceId, CancellationToken cancellation) =>
        new BlobFiles(container, instanceId).WriteAsync(JobFiles.Cancel, [], condition: null, cancellation);

    public async Task<bool> IsCancelRequestedAsync(string instanceId, CancellationToken cancellation) =>
        await new BlobFiles(container, instanceId).HeadAsync(JobFiles.Cancel, cancellation) is not null;

    public Task<string?> FetchManifestAsync(string instanceId, CancellationToken cancellation) => FetchAsync(instanceId, JobFiles.Manifest, cancellation);

    public Task<string?> FetchLeftAsync(string instanceId, CancellationToken cancellation) => FetchAsync(instanceId, JobFiles.Left, cancellation);

    public async Task<TransferVerdict> ConcludeAsync(string instanceId, TransferVerdict verdict, CancellationToken cancellation)
    {
        BlobFiles files = new(container, instanceId);
        await WriteAsync(files, JobFiles.Verdict, verdict, BlobFiles.Absent, cancellation);
        return await ReadAsync<TransferVerdict>(files, JobFiles.Verdict, cancellation) ?? verdict;
    }

    public async Task<IReadOnlyList<string>> FindAzCopyJobsAsync(string instanceId, CancellationToken cancellation) =>
        (await ReadAsync<AgentCheckpoint>(new BlobFiles(container, instanceId), AgentCheckpoint.FileName, cancellation))?.AzCopyJobs ?? [];

    public async Task CloseAsync(string instanceId, CancellationToken cancellation)
    {
        await new BlobFiles(container, instanceId).DeleteAsync(JobFiles.Access, cancellation);
        string folder = Path.Combine(local, instanceId);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    public async IAsyncEnumerable<string> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? last = null;
        await foreach (ListedBlob blob in new BlobNames(container).ListAsync(prefix: "", cancellation))
        {
            int end = blob.Name.IndexOf('/', StringComparison.Ordinal);
            if (end <= 0 || blob.Modified >= before || blob.Name[..end] == last)
                continue;
            yield return last = blob.Name[..end]; // the blobs of a folder come one after the other
        }
    }

    public async Task<string?> ReadTextAsync(string instanceId, string name, CancellationToken cancellation)
    {
        BlobFiles files = new(container, instanceId);
        return await files.HeadAsync(name, cancellation) is { Bytes: <= IJobFolders.LongestText } && await files.ReadAsync(name, cancellation) is { } blob
            ? Encoding.UTF8.GetString(blob.Content)
            : null;
    }

    public async Task RemoveAsync(string instanceId, CancellationToken cancellation)
    {
        BlobFiles files = new(container, instanceId);
        List<string> names = [];
        await foreach (ListedBlob blob in new BlobNames(container).ListAsync(instanceId + "/", cancellation))
            names.Add(blob.Name[(instanceId.Length + 1)..]);
        foreach (string name in names)
            await files.DeleteAsync(name, cancellation);
    }

    private async Task<string?> FetchAsync(string instanceId, string name, CancellationToken cancellation)
    {
        string path = LocalPath(instanceId, name);
        return await new BlobFiles(container, instanceId).DownloadAsync(name, path, cancellation) ? path : null;
    }

    private async Task CopyAsync(BlobFiles files, KeptManifest manifest, string name, string instanceId, CancellationToken cancellation)
    {
        string path = LocalPath(instanceId, name);
        await manifests.CopyToAsync(manifest, path, cancellation);
        await files.UploadAsync(name, path, cancellation);
        File.Delete(path);
    }

    private string LocalPath(string instanceId, string name)
    {
        string folder = Path.Combine(local, instanceId);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Path.Combine(folder, name);
    }

    private static Task<string?> WriteAsync<T>(BlobFiles files, string name, T value, string? condition, CancellationToken cancellation) =>
        files.WriteAsync(name, JsonSerializer.SerializeToUtf8Bytes(value, TieringJson.Indented), condition, cancellation);

    private static async Task<T?> ReadAsync<T>(BlobFiles files, string name, CancellationToken cancellation)
        where T : class => await files.ReadAsync(name, cancellation) is { } blob ? JsonSerializer.Deserialize<T>(blob.Content, TieringJson.Options) : null;
}
