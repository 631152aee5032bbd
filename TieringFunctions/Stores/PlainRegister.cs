using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Stores;

/// <summary>Registers projects where the host's catalogue keeps no runs, pins and dates: what would need them is refused, not lost.</summary>
public sealed class PlainRegister(ICatalogue catalogue) : IProjectRegister
{
    private const string Lack = "This host's catalogue keeps no runs, pins and dates of projects yet; the embedded host's does.";

    public async Task<IReadOnlyList<Registered>> RegisterAsync(
        IReadOnlyList<ProjectRegistration> registrations, bool dryRun, Caller caller, CancellationToken cancellation)
    {
        List<Registered> results = [];
        foreach (ProjectRegistration registration in registrations)
            results.Add(await RegisterAsync(registration, dryRun, caller, cancellation));
        return results;
    }

    public Task<IReadOnlyList<ProjectRun>> ListRunsAsync(ProjectSlug project, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ProjectRun>>([]);

    public Task<Project> PutRunAsync(ProjectSlug project, ProjectRun run, Caller caller, CancellationToken cancellation) => Refused();

    public Task<Project> RemoveRunAsync(ProjectSlug project, string run, Caller caller, CancellationToken cancellation) => Refused();

    public Task<Project> PinAsync(ProjectSlug project, DateOnly? until, string? reason, Caller caller, CancellationToken cancellation) => Refused();

    public Task<Project> UnpinAsync(ProjectSlug project, Caller caller, CancellationToken cancellation) => Refused();

    private static Task<Project> Refused() => Task.FromException<Project>(new ConfigurationException(Lack));

    private async Task<Registered> RegisterAsync(ProjectRegistration registration, bool dryRun, Caller caller, CancellationToken cancellation)
    {
        if (registration.CreatedAt is not null || registration.Runs.Count > 0)
            return new Registered(RegistrationResult.Refused, Project: null, new ConfigurationException(Lack));
        Project? known = await catalogue.FindProjectAsync(registration.Slug, cancellation);
        try
        {
            LifecycleState state = registration.State ?? known?.State ?? LifecycleState.Hot;
            if (known is not null || dryRun)
                return known is not null && known.State != state
                    ? new Registered(RegistrationResult.Refused, known, new ProjectExistsException(registration.Slug, known.State))
                    : new Registered(known is null ? RegistrationResult.New : RegistrationResult.Same, known);
            return new Registered(RegistrationResult.New, await catalogue.AddProjectAsync(registration.Slug, state, caller, cancellation));
        }
        catch (ProjectExistsException refusal)
        {
            return new Registered(RegistrationResult.Refused, Project: null, refusal);
        }
    }
}
