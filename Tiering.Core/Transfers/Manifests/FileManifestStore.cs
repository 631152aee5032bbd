using System.Globalization;
using System.Text.RegularExpressions;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// Keeps manifests as files: <c>ROOT/HASH-OF-PROJECT/00000001-cool-ID.jsonl.gz</c>, numbered in the order in which they came, and renamed
/// to <c>….proved.jsonl.gz</c> once proved. A baseline has the id zero.
/// </summary>
/// <param name="root">The folder; made when it is missing.</param>
public sealed partial class FileManifestStore(string root) : IManifestStore
{
    private const string Ending = ".jsonl.gz";
    private const string ProvedEnding = ".proved" + Ending;

    private sealed record Found(int Number, KeptManifest Manifest, string Path);

    public async Task<KeptManifest> KeepAsync(ProjectSlug project, OperationKey? operation, string file, bool proved, CancellationToken cancellation)
    {
        ManifestHeader header = await ManifestReader.ReadHeaderAsync(file, cancellation);
        if (header.Project != project || header.Operation != operation)
            throw new ManifestCorruptException("it belongs to another project or operation");
        await ManifestReader.VerifyAsync(file, cancellation);

        (OperationType type, Guid? id) = (operation?.Type ?? OperationType.Cool, operation?.Id);
        IReadOnlyList<Found> all = List(project);
        Found? earlier = operation is null ? null : all.LastOrDefault(found => found.Manifest.Type == type && found.Manifest.OperationId == id);
        if (earlier is { Manifest.Proved: true } && !proved)
            return earlier.Manifest; // a repeated call from before the proof
        int number = earlier?.Number ?? (all.Count == 0 ? 0 : all[^1].Number) + 1;
        string name = string.Create(CultureInfo.InvariantCulture, $"{number:D8}-{(type == OperationType.Cool ? "cool" : "restore")}-{id ?? Guid.Empty:D}");
        string target = Path.Combine(FolderOf(project), name + (proved ? ProvedEnding : Ending));
        Directory.CreateDirectory(FolderOf(project));
        await CopyAsync(file, target, cancellation);
        AtomicFile.SyncFolder(root);
        if (earlier is not null && earlier.Path != target)
            File.Delete(earlier.Path); // a crash before this leaves both: the proved one counts
        return new KeptManifest(project, name, type, id, proved);
    }

    public Task<KeptManifest?> LatestAsync(ProjectSlug project, OperationType type, CancellationToken cancellation) =>
        Task.FromResult(List(project).LastOrDefault(found => found.Manifest.Proved && found.Manifest.Type == type)?.Manifest);

    public Task<KeptManifest?> FindAsync(OperationKey operation, CancellationToken cancellation) => Task.FromResult(
        List(operation.Project).LastOrDefault(found => found.Manifest.Type == operation.Type && found.Manifest.OperationId == operation.Id)?.Manifest);

    public Task<IReadOnlyList<KeptManifest>> ExplainingAsync(ProjectSlug project, CancellationToken cancellation)
    {
        List<KeptManifest> all = [.. List(project).Select(found => found.Manifest)];
        int proved = all.FindLastIndex(manifest => manifest.Proved);
        return Task.FromResult<IReadOnlyList<KeptManifest>>(all[Math.Max(proved, 0)..]);
    }

    public async Task CopyToAsync(KeptManifest manifest, string file, CancellationToken cancellation)
    {
        // It may be proved, and so renamed, between the look and the copy.
        foreach (string ending in (string[])[Ending, ProvedEnding])
        {
            string path = Path.Combine(FolderOf(manifest.Project), manifest.Name + ending);
            try
            {
                await CopyAsync(path, file, cancellation);
                return;
            }
            catch (FileNotFoundException)
            {
            }
        }
        throw new ManifestCorruptException("it is missing");
    }

    private static async Task CopyAsync(string file, string target, CancellationToken cancellation)
    {
        string temporary = $"{target}.{Environment.ProcessId}.tmp";
        await using (FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
        await using (FileStream copy = new(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private }))
        {
            await source.CopyToAsync(copy, cancellation);
            copy.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
        AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    // Oldest first; of an operation that is there twice, the proved one.
    private List<Found> List(ProjectSlug project)
    {
        DirectoryInfo folder = new(FolderOf(project));
        return folder.Exists
            ? [.. folder.EnumerateFiles("*" + Ending).Select(file => Parse(project, file)).OfType<Found>()
                .GroupBy(found => found.Number).Select(same => same.MaxBy(found => found.Manifest.Proved)!).OrderBy(found => found.Number)]
            : [];
    }

    private static Found? Parse(ProjectSlug project, FileInfo file)
    {
        if (KeptName().Match(file.Name) is not { Success: true } match)
            return null;
        Guid id = Guid.Parse(match.Groups["id"].ValueSpan);
        OperationType type = match.Groups["type"].ValueSpan is "cool" ? OperationType.Cool : OperationType.Restore;
        int number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        return new Found(number, new KeptManifest(project, match.Groups["name"].Value, type, id == Guid.Empty ? null : id, match.Groups["proved"].Success), file.FullName);
    }

    private string FolderOf(ProjectSlug project) => Path.Combine(root, project.Hash);

    [GeneratedRegex("^(?<name>(?<number>[0-9]{8})-(?<type>cool|restore)-(?<id>[0-9a-f-]{36}))(?<proved>\\.proved)?\\.jsonl\\.gz$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeptName();
}
