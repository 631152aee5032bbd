using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Manifests;

/// <summary>Keeps every project's manifests. Implementations are safe for concurrent use by different projects.</summary>
public interface IManifestStore
{
    /// <summary>
    /// Keeps a manifest, durably. It is kept twice: before the first byte moves (it then explains what a failed copy leaves), and again,
    /// completed with what was measured, once the copy is proved. Safe to repeat.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="operation">The operation; null for a baseline made by adoption.</param>
    /// <param name="file">A complete manifest on this machine; it stays where it is.</param>
    /// <param name="proved">Whether source and destination were proved to hold exactly this.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="ManifestCorruptException">The file is not a complete manifest of this project.</exception>
    Task<KeptManifest> KeepAsync(ProjectSlug project, OperationKey? operation, string file, bool proved, CancellationToken cancellation);

    /// <summary>The newest proved manifest of the given type of operation (a baseline counts as a COOL); null when there is none.</summary>
    Task<KeptManifest?> LatestAsync(ProjectSlug project, OperationType type, CancellationToken cancellation);

    /// <summary>The manifest of one operation, proved or not; null when there is none.</summary>
    Task<KeptManifest?> FindAsync(OperationKey operation, CancellationToken cancellation);

    /// <summary>
    /// The manifests that explain what may lie in either role: the newest proved one, and every one after it, oldest first; all when
    /// none is proved.
    /// </summary>
    Task<IReadOnlyList<KeptManifest>> ExplainingAsync(ProjectSlug project, CancellationToken cancellation);

    /// <summary>Puts a copy of a kept manifest into a file, atomically.</summary>
    Task CopyToAsync(KeptManifest manifest, string file, CancellationToken cancellation);

    /// <summary>Keeps a manifest that is being made, durably, in place of an earlier draft of the same operation. It explains nothing, and no other method finds it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="file">A complete manifest on this machine; it stays where it is.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="ManifestCorruptException">The file is not a complete manifest of this operation.</exception>
    Task KeepDraftAsync(OperationKey operation, string file, CancellationToken cancellation);

    /// <summary>Puts a copy of an operation's draft into a file, atomically.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> FetchDraftAsync(OperationKey operation, string file, CancellationToken cancellation);

    /// <summary>Removes an operation's draft; that there is none is no error.</summary>
    Task DropDraftAsync(OperationKey operation, CancellationToken cancellation);
}

/// <summary>A manifest that is kept.</summary>
/// <param name="Project">The project.</param>
/// <param name="Name">Its name in the store, safe as a file name and the same for ever.</param>
/// <param name="Type">The type of its operation; a baseline counts as a COOL.</param>
/// <param name="OperationId">The id of its operation; null for a baseline.</param>
/// <param name="Proved">Whether source and destination were proved to hold exactly this.</param>
public sealed record KeptManifest(ProjectSlug Project, string Name, OperationType Type, Guid? OperationId, bool Proved);
