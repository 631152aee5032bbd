using Tiering.Core.Lifecycle;

namespace Tiering.Core.Catalogue;

/// <summary>
/// What Tiering's own catalogue knows of projects besides their state: creation, runs, pins, and the date that follows from them, which is
/// computed anew in the same commit as every change. Every method is safe to repeat: what is so already is no change and leaves no trace.
/// </summary>
public interface IProjectRegister
{
    /// <summary>
    /// Registers projects, or completes what is known of them, in one commit; one that is refused does not stop the others. A project
    /// that is known keeps what the registration does not name, its other runs included.
    /// </summary>
    /// <param name="registrations">At most 1000.</param>
    /// <param name="dryRun">Only says what would be done.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellation">Gives up before the change is made.</param>
    /// <returns>What came of each, in their order.</returns>
    Task<IReadOnlyList<Registered>> RegisterAsync(
        IReadOnlyList<ProjectRegistration> registrations, bool dryRun, Caller caller, CancellationToken cancellation);

    /// <summary>The project's runs, by id.</summary>
    Task<IReadOnlyList<ProjectRun>> ListRunsAsync(ProjectSlug project, CancellationToken cancellation);

    /// <summary>Adds a run, or takes the place of the one with its id.</summary>
    /// <exception cref="ProjectUnknownException">The project is not registered (so do all methods below).</exception>
    /// <exception cref="ProjectImmutableException">The project is not HOT.</exception>
    /// <exception cref="InvalidFieldException">The run breaks a rule.</exception>
    Task<Project> PutRunAsync(ProjectSlug project, ProjectRun run, Caller caller, CancellationToken cancellation);

    /// <exception cref="ProjectImmutableException">The project is not HOT.</exception>
    Task<Project> RemoveRunAsync(ProjectSlug project, string run, Caller caller, CancellationToken cancellation);

    /// <summary>Pins a project, in place of an earlier pin.</summary>
    /// <param name="project">The project.</param>
    /// <param name="until">The first day on which it no longer counts; null for no end.</param>
    /// <param name="reason">For people; null for none.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellation">Gives up before the change is made.</param>
    Task<Project> PinAsync(ProjectSlug project, DateOnly? until, string? reason, Caller caller, CancellationToken cancellation);

    Task<Project> UnpinAsync(ProjectSlug project, Caller caller, CancellationToken cancellation);
}

/// <param name="Slug">The project's name.</param>
/// <param name="State">HOT or COOL: where its data lies; null for HOT, or for what is known.</param>
public sealed record ProjectRegistration(ProjectSlug Slug, LifecycleState? State = null)
{
    /// <summary>When the project came to be; null for now, or for what is known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public IReadOnlyList<ProjectRun> Runs { get; init; } = [];

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public InvalidFieldException? Fault() => this switch
    {
        { State: not (null or LifecycleState.Hot or LifecycleState.Cool) } => new InvalidFieldException("state", "must be HOT or COOL"),
        { CreatedAt: { } created } when Eligibility.IsOutOfReach(created) => new InvalidFieldException("createdAt", Eligibility.Reach),
        _ => Runs.Select(run => run.Fault()).FirstOrDefault(fault => fault is not null) is { } fault ? new InvalidFieldException(fault.Field, fault.Rule) : null,
    };
}

public enum RegistrationResult { New, Same, Changed, Refused }

/// <param name="Result">What came of it.</param>
/// <param name="Project">As it is now, or would be; null when refused.</param>
/// <param name="Refusal">Why it was refused; null otherwise.</param>
public sealed record Registered(RegistrationResult Result, Project? Project, TieringException? Refusal = null);
