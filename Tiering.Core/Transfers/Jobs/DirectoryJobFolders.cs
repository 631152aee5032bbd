using System.Runtime.CompilerServices;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Core.Transfers.Jobs;

/// <summary>Job folders that are directories below one root, named by instance id.</summary>
/// <param name="root">The folder <c>jobs</c>; made when it is missing.</param>
/// <param name="manifests">Where the manifests that a job needs are kept.</param>
/// <param name="azCopyWork">Where the agents' AzCopy keeps its plans, if not in the job folders: <see cref="AzCopyOptions.WorkFolder"/>.</param>
public sealed class DirectoryJobFolders(string root, IManifestStore manifests, string? azCopyWork = null) : IJobFolders
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The directory of one job.</summary>
    public string PathOf(string instanceId) => Path.Combine(root, instanceId);

    public async Task PrepareAsync(string instanceId, JobInputs inputs, CancellationToken cancellation)
    {
        string folder = Create(instanceId);
        AtomicFile.WriteJson(Path.Combine(folder, JobFiles.Access), inputs.Access);
        if (inputs.Limits is { } limits && limits.Replaces(AtomicFile.ReadJson<JobLimits>(Path.Combine(folder, JobFiles.Limits))))
            AtomicFile.WriteJson(Path.Combine(folder, JobFiles.Limits), limits);
        if (File.Exists(Path.Combine(folder, JobFiles.Job)))
            return;
        foreach (KeptManifest known in inputs.Known)
            await manifests.CopyToAsync(known, Path.Combine(folder, JobInputs.FileOf(known)), cancellation);
        if (inputs.Witness is { } witness)
            await manifests.CopyToAsync(witness, Path.Combine(folder, JobFiles.Witness), cancellation);
        AtomicFile.WriteJson(Path.Combine(folder, JobFiles.Job), inputs.Job); // last: with it the folder is complete
    }

    public Task<JobView> ReadAsync(string instanceId, CancellationToken cancellation)
    {
        string folder = PathOf(instanceId);
        bool held = DirectoryJobFolder.IsLeaseHeld(folder); // first: a lease that is free now, and then no verdict, means a lost agent
        return Task.FromResult(new JobView(
            AtomicFile.ReadJson<TransferProgress>(Path.Combine(folder, JobFiles.Progress)),
            AtomicFile.ReadJson<TransferVerdict>(Path.Combine(folder, JobFiles.Verdict)),
            held,
            AtomicFile.ReadJson<AgentRecord>(Path.Combine(folder, JobFiles.Agent))?.Attempt ?? 0,
            AtomicFile.ReadJson<TransferAccess>(Path.Combine(folder, JobFiles.Access))?.ExpiresAt)
        {
            Limits = AtomicFile.ReadJson<JobLimits>(Path.Combine(folder, JobFiles.Limits)),
        });
    }

    public Task RequestCancelAsync(string instanceId, CancellationToken cancellation)
    {
        AtomicFile.Write(Path.Combine(Create(instanceId), JobFiles.Cancel), []);
        return Task.CompletedTask;
    }

    public Task<bool> IsCancelRequestedAsync(string instanceId, CancellationToken cancellation) =>
        Task.FromResult(File.Exists(Path.Combine(PathOf(instanceId), JobFiles.Cancel)));

    public Task<string?> FetchManifestAsync(string instanceId, CancellationToken cancellation) => Task.FromResult(Existing(instanceId, JobFiles.Manifest));

    public Task<string?> FetchLeftAsync(string instanceId, CancellationToken cancellation) => Task.FromResult(Existing(instanceId, JobFiles.Left));

    public Task<TransferVerdict> ConcludeAsync(string instanceId, TransferVerdict verdict, CancellationToken cancellation)
    {
        string path = Path.Combine(Create(instanceId), JobFiles.Verdict);
        if (AtomicFile.ReadJson<TransferVerdict>(path) is { } before)
            return Task.FromResult(before);
        AtomicFile.WriteJson(path, verdict);
        return Task.FromResult(verdict);
    }

    public Task<IReadOnlyList<string>> FindAzCopyJobsAsync(string instanceId, CancellationToken cancellation)
    {
        AgentCheckpoint checkpoint = AtomicFile.ReadJson<AgentCheckpoint>(Path.Combine(PathOf(instanceId), AgentCheckpoint.FileName)) ?? new AgentCheckpoint();
        return Task.FromResult(checkpoint.WithEnded(AzCopyWorkspace.JobsWithPlans(azCopyWork, PathOf(instanceId))).AzCopyJobs);
    }

    public Task CloseAsync(string instanceId, CancellationToken cancellation)
    {
        DirectoryInfo folder = new(PathOf(instanceId));
        foreach (FileInfo access in folder.Exists ? folder.GetFiles($"{JobFiles.Access}*") : [])
            access.Delete(); // and what a service that was killed while it wrote one has left of it
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        DirectoryInfo jobs = new(root);
        foreach (DirectoryInfo folder in jobs.Exists ? jobs.EnumerateDirectories() : [])
        {
            cancellation.ThrowIfCancellationRequested();
            if (folder.CreationTimeUtc < before.UtcDateTime)
                yield return folder.Name;
        }
    }

    public async Task<string?> ReadTextAsync(string instanceId, string name, CancellationToken cancellation)
    {
        FileInfo file = new(Path.Combine(PathOf(instanceId), name));
        return file.Exists && file.Length <= IJobFolders.LongestText ? await File.ReadAllTextAsync(file.FullName, cancellation) : null;
    }

    public Task RemoveAsync(string instanceId, CancellationToken cancellation)
    {
        if (Directory.Exists(PathOf(instanceId)))
            Directory.Delete(PathOf(instanceId), recursive: true);
        return Task.CompletedTask;
    }

    private string? Existing(string instanceId, string name)
    {
        string path = Path.Combine(PathOf(instanceId), name);
        return File.Exists(path) ? path : null;
    }

    private string Create(string instanceId)
    {
        string folder = PathOf(instanceId);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, Private);
            AtomicFile.SyncFolder(root);
        }
        return folder;
    }
}
