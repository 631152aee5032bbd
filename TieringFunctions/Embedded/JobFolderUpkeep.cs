using System.Globalization;
using System.Text;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Embedded;

/// <summary>Archives what the folders of jobs that ended long ago tell, and removes them. A folder whose operation is not known is left alone.</summary>
/// <param name="root">The folder <c>jobs</c>.</param>
public sealed class JobFolderUpkeep(string root, ICatalogue catalogue, IJobFolders folders, Archive archive, TimeProvider time) : IUpkeepTask
{
    private const int FoldersInOneStep = 100;
    private const int IdLength = 36;
    private const long LongestFile = 256 * 1024;
    private static readonly string[] Told = [JobFiles.Job, JobFiles.Progress, JobFiles.Verdict];

    public string Name => "job folders";

    public async Task<UpkeepStep> RunAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation)
    {
        List<ArchivedJob> ended = [];
        foreach (DirectoryInfo folder in new DirectoryInfo(root).EnumerateDirectories())
        {
            if (ended.Count == FoldersInOneStep)
                break;
            if (folder.CreationTimeUtc < before.UtcDateTime && await EndOfAsync(folder.Name, cancellation) is { } operation && operation.FinishedAt < before)
                ended.Add(new ArchivedJob(folder.Name, operation, Read(folder)));
        }
        if (ended.Count > 0)
        {
            string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
            archive.Write($"jobs-{stamp}-{ended[0].Job}", ended);
            foreach (ArchivedJob job in ended)
                Directory.Delete(Path.Combine(root, job.Job), recursive: true); // interrupted, the next round finds the rest
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

    private static Dictionary<string, string> Read(DirectoryInfo folder) => Told
        .Select(name => new FileInfo(Path.Combine(folder.FullName, name)))
        .Where(file => file.Exists && file.Length <= LongestFile)
        .ToDictionary(file => file.Name, file => SecretRedactor.Redact(File.ReadAllText(file.FullName, Encoding.UTF8)), StringComparer.Ordinal);
}

/// <param name="Job">The folder's name.</param>
/// <param name="Operation">Its operation.</param>
/// <param name="Files">What the job was and what the agent told, by file.</param>
public sealed record ArchivedJob(string Job, LifecycleOperation Operation, IReadOnlyDictionary<string, string> Files);
