using System.Globalization;
using System.Text.RegularExpressions;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>
/// One project's kept manifests, by the names under which a store holds them: <c>00000001-cool-ID.jsonl.gz</c>, numbered in the order in
/// which they came, and <c>….proved.jsonl.gz</c> once proved. A baseline has the id zero. The same rules for every store, and no store in it.
/// </summary>
public sealed partial class ManifestShelf
{
    private const string Ending = ".jsonl.gz";
    private const string ProvedEnding = ".proved" + Ending;

    private readonly ProjectSlug project;
    private readonly IReadOnlyList<Numbered> all; // oldest first

    /// <param name="project">The project.</param>
    /// <param name="files">Every name in the project's folder; what is no manifest's is passed over.</param>
    public ManifestShelf(ProjectSlug project, IEnumerable<string> files)
    {
        this.project = project;
        // A crash while one was being replaced by the proved one leaves both: the proved one counts.
        all = [.. files.Select(file => Parse(project, file)).OfType<Numbered>()
            .GroupBy(found => found.Manifest.Name, StringComparer.Ordinal).Select(same => same.MaxBy(found => found.Manifest.Proved)!)
            .OrderBy(found => found.Number).ThenBy(found => found.Manifest.Name, StringComparer.Ordinal)];
    }

    private sealed record Numbered(int Number, KeptManifest Manifest);

    /// <summary>The name of a manifest's file.</summary>
    public static string FileOf(KeptManifest manifest) => manifest.Name + (manifest.Proved ? ProvedEnding : Ending);

    /// <summary>The name of the draft of an operation's manifest, which is no manifest's.</summary>
    public static string DraftOf(OperationKey operation) => $"draft-{operation.Type.ToString().ToLowerInvariant()}-{operation.Id:D}{Ending}";

    /// <summary>The names that the file of a manifest may have by now: it may have been proved since it was looked at.</summary>
    public static IReadOnlyList<string> FilesOf(KeptManifest manifest) => [manifest.Name + Ending, manifest.Name + ProvedEnding];

    /// <summary>The newest proved manifest of this type; null when there is none.</summary>
    public KeptManifest? Latest(OperationType type) => all.LastOrDefault(found => found.Manifest.Proved && found.Manifest.Type == type)?.Manifest;

    /// <summary>The manifest of one operation, proved or not; null when there is none.</summary>
    public KeptManifest? Find(OperationKey operation) => Last(operation)?.Manifest;

    /// <summary>The newest proved one and every one after it, oldest first; all when none is proved.</summary>
    public IReadOnlyList<KeptManifest> Explaining()
    {
        List<KeptManifest> manifests = [.. all.Select(found => found.Manifest)];
        return manifests[Math.Max(manifests.FindLastIndex(manifest => manifest.Proved), 0)..];
    }

    /// <summary>Where a manifest belongs: in the place of the operation's earlier one, or after all others.</summary>
    public KeptManifest PlaceOf(OperationKey? operation, bool proved)
    {
        (OperationType type, Guid? id) = (operation?.Type ?? OperationType.Cool, operation?.Id);
        int number = (operation is null ? null : Last(operation))?.Number ?? (all.Count == 0 ? 0 : all[^1].Number) + 1;
        string name = string.Create(CultureInfo.InvariantCulture, $"{number:D8}-{(type == OperationType.Cool ? "cool" : "restore")}-{id ?? Guid.Empty:D}");
        return new KeptManifest(project, name, type, id, proved);
    }

    private Numbered? Last(OperationKey operation) =>
        all.LastOrDefault(found => found.Manifest.Type == operation.Type && found.Manifest.OperationId == operation.Id);

    private static Numbered? Parse(ProjectSlug project, string file)
    {
        if (KeptName().Match(file) is not { Success: true } match)
            return null;
        Guid id = Guid.Parse(match.Groups["id"].ValueSpan);
        OperationType type = match.Groups["type"].ValueSpan is "cool" ? OperationType.Cool : OperationType.Restore;
        int number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        return new Numbered(number, new KeptManifest(project, match.Groups["name"].Value, type, id == Guid.Empty ? null : id, match.Groups["proved"].Success));
    }

    [GeneratedRegex("^(?<name>(?<number>[0-9]{8})-(?<type>cool|restore)-(?<id>[0-9a-f-]{36}))(?<proved>\\.proved)?\\.jsonl\\.gz$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeptName();
}
