using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Cli.Showcase;

/// <summary>The steps of a showcase, in their order. A step is written down before it is begun.</summary>
public enum ShowcaseStep { Preparing, Cooling, Deleting, Restoring, Comparing, Ended }

/// <summary>
/// How far the showcase of one project has come. It is on disk before anything is asked of the service, with the operations' ids, so that
/// a later <c>./run</c> goes on with the very same operations.
/// </summary>
/// <param name="Project">The project's slug.</param>
/// <param name="Given">The user's folder that it is a copy of; null for the sample.</param>
/// <param name="CoolId">The id of its COOL.</param>
/// <param name="RestoreId">The id of its RESTORE.</param>
/// <param name="Step">What is being done.</param>
public sealed record ShowcaseState(string Project, string? Given, Guid CoolId, Guid RestoreId, ShowcaseStep Step)
{
    /// <summary>What holds the hot data: a folder, or an emulated share over it.</summary>
    public LocationKind Hot { get; init; }
}

/// <summary>The files of one project's showcase.</summary>
public sealed class ShowcaseFiles
{
    private readonly string _folder;

    /// <param name="data">The state folder.</param>
    /// <param name="project">The project.</param>
    public ShowcaseFiles(string data, ProjectSlug project)
    {
        _folder = Path.Combine(data, "showcase", project.Hash);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Where the project's folder is made before it takes its place.</summary>
    public string Draft => Path.Combine(_folder, "draft");

    private string StatePath => Path.Combine(_folder, "state.json");

    private string SnapshotPath => Path.Combine(_folder, "snapshot.json");

    /// <summary>Null when this project was never shown here.</summary>
    public ShowcaseState? ReadState() => AtomicFile.ReadJson<ShowcaseState>(StatePath);

    public void Write(ShowcaseState state) => AtomicFile.WriteJson(StatePath, state);

    /// <exception cref="CliException">There is none.</exception>
    public FolderSnapshot ReadSnapshot() => AtomicFile.ReadJson<FolderSnapshot>(SnapshotPath)
        ?? throw new CliException(ExitCode.Failed, $"{SnapshotPath} is missing: without it nothing can be compared. Remove {_folder} to begin anew.");

    public void Write(FolderSnapshot snapshot) => AtomicFile.WriteJson(SnapshotPath, snapshot);
}
