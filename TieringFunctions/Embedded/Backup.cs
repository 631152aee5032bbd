using System.Security.Cryptography;
using Tiering.Core;
using Tiering.Core.Backups;
using Tiering.Core.Catalogue;
using Tiering.Core.Transfers.Agents;
using Tiering.Core.Transfers.Jobs;
using Tiering.EmbeddedHost.Administration;
using Tiering.Functions.Sqlite;

namespace Tiering.Functions.Embedded;

/// <summary>
/// Copies what the service knows while it works: the task hub first, then the catalogue, then the job folders of operations that have not
/// ended, then the manifests and certificates. Each copy is what its store held at one moment, and each later store knows at least as much
/// as an earlier one says: an operation of the catalogue that the older hub does not know is started or ended by the reconciler, what it
/// calls unfinished goes on from its job folder, and whatever it calls proved has its manifest.
/// </summary>
/// <param name="data">The state folder.</param>
/// <param name="hub">Copies the task hub.</param>
/// <param name="database">Copies the catalogue.</param>
/// <param name="catalogue">Says which operations have not ended.</param>
/// <param name="audit">Records who made the back-up.</param>
/// <param name="time">Tells when.</param>
public sealed class Backup(string data, TaskHubAdministration hub, SqliteDatabase database, ICatalogue catalogue, IAudit audit, TimeProvider time) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly SemaphoreSlim one = new(1);

    /// <param name="folder">An absolute path; what is there must be an empty folder.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellation">Ends it; the folder then has no list of files, and is no back-up.</param>
    /// <exception cref="InvalidFieldException">The folder cannot be used.</exception>
    public async Task<BackupList> CreateAsync(string folder, Caller caller, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            Prepare(folder);
            await hub.BackUpAsync(Path.Combine(folder, "taskhub.db"), cancellation);
            HashSet<string> unfinished = await UnfinishedAsync(cancellation);
            await database.BackUpAsync(Path.Combine(folder, "tiering.db"), cancellation);
            unfinished.UnionWith(await UnfinishedAsync(cancellation)); // before and after: none that the copy calls unfinished is left out
            List<string> files = ["taskhub.db", "tiering.db", .. await CopyJobsAsync(unfinished, folder, cancellation), .. await CopyManifestsAsync(folder, cancellation)];
            BackupList list = new(time.GetUtcNow(), [.. files.Order(StringComparer.Ordinal).Select(file => Measure(folder, file))]);
            AtomicFile.WriteJson(Path.Combine(folder, BackupList.FileName), list); // last: with it the back-up is complete
            string detail = $"{list.Files.Count} files in {folder}";
            await audit.RecordAsync(new AuditEntry(time.GetUtcNow(), caller.Name, AuditActions.Backup, AuditOutcomes.Succeeded) { From = caller.From, Detail = detail }, CancellationToken.None);
            return list;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private static void Prepare(string folder)
    {
        if (!Path.IsPathFullyQualified(folder) || folder.Contains('\0', StringComparison.Ordinal))
            throw new InvalidFieldException("directory", "must be an absolute path on the service's machine");
        try
        {
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new InvalidFieldException("directory", "must not be there yet, or must be an empty folder");
            Directory.CreateDirectory(folder, Private);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new InvalidFieldException("directory", "could not be made: the service may not write there, or something else is in the way");
        }
    }

    private async Task<HashSet<string>> UnfinishedAsync(CancellationToken cancellation) =>
        [.. (await catalogue.ListUnfinishedAsync(cancellation)).Where(work => work.Deletion is null).Select(work => work.Key.InstanceId)];

    /// <summary>Copies what the next attempt of a job goes on from, and gives the paths. Its access, and AzCopy's plans and logs, are left out.</summary>
    private async Task<IEnumerable<string>> CopyJobsAsync(IEnumerable<string> jobs, string folder, CancellationToken cancellation)
    {
        List<string> copied = [];
        foreach (DirectoryInfo job in jobs.Select(job => new DirectoryInfo(Path.Combine(data, "jobs", job))).Where(job => job.Exists))
        {
            Directory.CreateDirectory(Path.Combine(folder, "jobs", job.Name), Private);
            await CopyFileAsync(AgentCheckpoint.FileName); // first: the files that it speaks of were there before it
            foreach (string name in job.EnumerateFiles().Select(file => file.Name).Where(IsNeeded))
                await CopyFileAsync(name);

            async Task CopyFileAsync(string name)
            {
                string path = Path.Combine("jobs", job.Name, name);
                if (await CopyAsync(Path.Combine(job.FullName, name), Path.Combine(folder, path), cancellation))
                    copied.Add(path);
            }
        }
        return copied;
    }

    private static bool IsNeeded(string file) => file switch
    {
        AgentCheckpoint.FileName or JobFiles.Access => false,
        JobFiles.Cancel => true,
        _ => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".jsonl.gz", StringComparison.Ordinal),
    };

    /// <summary>Copies every manifest and certificate, and gives their paths. They never change; one that is renamed meanwhile, because it was proved, is looked for again.</summary>
    private async Task<IEnumerable<string>> CopyManifestsAsync(string folder, CancellationToken cancellation)
    {
        HashSet<string> copied = new(StringComparer.Ordinal);
        DirectoryInfo manifests = new(Path.Combine(data, "manifests"));
        foreach (DirectoryInfo project in manifests.Exists ? manifests.EnumerateDirectories() : [])
        {
            string target = Path.Combine(folder, "manifests", project.Name);
            Directory.CreateDirectory(target, Private);
            for (bool renamed = true; renamed;)
            {
                renamed = false;
                foreach (FileInfo file in project.EnumerateFiles().Where(file => file.Extension != ".tmp"))
                {
                    string path = Path.Combine("manifests", project.Name, file.Name);
                    if (copied.Contains(path))
                        continue;
                    if (await CopyAsync(file.FullName, Path.Combine(folder, path), cancellation))
                        copied.Add(path);
                    else
                        renamed = true;
                }
            }
        }
        return copied;
    }

    private static async Task<bool> CopyAsync(string source, string target, CancellationToken cancellation)
    {
        try
        {
            await using FileStream from = new(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using FileStream to = new(target, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private });
            await from.CopyToAsync(to, cancellation);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Puts a file on disk and tells what it holds.</summary>
    private static BackedUpFile Measure(string folder, string file)
    {
        using FileStream stream = new(Path.Combine(folder, file), FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
        return new BackedUpFile(file, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
