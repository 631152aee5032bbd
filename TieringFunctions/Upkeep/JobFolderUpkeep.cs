using System.Globalization;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Upkeep;

/// <summary>Archives what the folders of jobs that ended long ago tell, and removes them. A folder whose operation is not known is left alone.</summary>
public sealed class JobFolderUpkeep(ICatalogue catalogue, IJobFolders folders, IArchive archive, TimeProvider time) : IUpkeepTask
{
    private const int FoldersInOneStep = 100;
    private const int IdLength = 36;

    public string Name => "job folders";

    public async Task<UpkeepStep> RunAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation)
    {
        List<ArchivedJob> ended = [];
        await foreach (string job in folders.ListAsync(before, cancellation))
        {
            if (ended.Count == FoldersInOneStep)
                break;
            if (await EndOfAsync(job, cancellation) is { } operation && operation.FinishedAt < before)
                ended.Add(new ArchivedJob(job, operation, await TellAsync(job, cancellation)));
        }
        if (ended.Count > 0)
        {
            string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
            await archive.WriteAsync($"jobs-{stamp}-{ended[0].Job}", ended, cancellation);
            foreach (ArchivedJob job in ended)
                await folders.RemoveAsync(job.Job, cancellation); // interrupted, the next round finds the rest
        }
        return new UpkeepStep(ended.Count, ended.Count == FoldersInOneStep);
    }

    /// <summary>The operation of a folder, if it has ended and nothing works in the folder.</summary>
    private async Task<LifecycleOperation?> EndOfAsync(string job, CancellationToken cancellation)
    {
        if (job.Length <= IdLength || !Guid.TryParseExact(job[^IdLength..], "D", out Guid id))
            return null;
        LifecycleOperation? operation = (await catalogue.FindOperationsAsync(id, cancellation)).FirstOrDefault(found => found.Key.InstanceId == job);
        return operation is { IsTerminal: true } && !(await folders.ReadAsync(job, cancellation)).LeaseHeld ? operation : null;
    }

    private async Task<Dictionary<string, string>> TellAsync(string job, CancellationToken cancellation)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string name in (string[])[JobFiles.Job, JobFiles.Progress, JobFiles.Verdict])
        {
            if (await folders.ReadTextAsync(job, name, cancellation) is { } text)
                files[name] = SecretRedactor.Redact(text);
        }
        return files;
    }
}

/// <param name="Job">The folder's name.</param>
/// <param name="Operation">Its operation.</param>
/// <param name="Files">What the job was and what the agent told, by file.</param>
public sealed record ArchivedJob(string Job, LifecycleOperation Operation, IReadOnlyDictionary<string, string> Files);
