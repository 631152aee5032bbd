using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>The source of truth for lifecycle state: Tiering's own catalogue, or the client that keeps the projects. Never a cached answer.</summary>
public interface ILifecycleAuthority
{
    /// <exception cref="LifecycleLookUpException">The client did not answer, does not know the project, or said something that makes no sense.</exception>
    /// <exception cref="ProjectUnknownException">The own catalogue does not know the project.</exception>
    Task<ProjectLifecycle> LookUpAsync(ProjectSlug project, CancellationToken cancellation);
}

/// <param name="State">Where the project's data lives now; null for a word that is none of the five.</param>
/// <param name="LastOperationId">The operation that started last; null when there was none.</param>
public sealed record ProjectLifecycle(LifecycleState? State, Guid? LastOperationId);

/// <summary>The client could not say where a project's data lives. Whoever must know does not go on. Source: euphrosyne-contract.md, 7.1.</summary>
public sealed class LifecycleLookUpException : TieringException
{
    private LifecycleLookUpException(string code, string message, Exception? inner = null)
        : base(code, message, isTransient: false, inner)
    {
    }

    /// <summary>No answer that could be used, however often it was asked.</summary>
    public static LifecycleLookUpException Unavailable(Exception? inner = null) =>
        new("lifecycle-unavailable", "Storage backend is unavailable (fetch_project_lifecycle)", inner);

    public static LifecycleLookUpException ProjectNotFound() => new("lifecycle-project-not-found", "Project not found (fetch_project_lifecycle)");

    /// <param name="inner">What was caught, or null.</param>
    public static LifecycleLookUpException Malformed(Exception? inner = null) =>
        new("lifecycle-malformed", "Storage backend returned an invalid response (fetch_project_lifecycle)", inner);
}
