using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Euphrosyne;

/// <summary>Euphrosyne is asked, every time.</summary>
public sealed class EuphrosyneLifecycle(EuphrosyneClient client) : ILifecycleAuthority
{
    private const int Attempts = 2;

    public Task<ProjectLifecycle> LookUpAsync(ProjectSlug project, CancellationToken cancellation) => client.LookUpAsync(project, Attempts, cancellation);
}

/// <summary>Tiering's own catalogue knows.</summary>
public sealed class CatalogueLifecycle(ICatalogue catalogue) : ILifecycleAuthority
{
    public async Task<ProjectLifecycle> LookUpAsync(ProjectSlug project, CancellationToken cancellation)
    {
        Project found = await catalogue.FindProjectAsync(project, cancellation) ?? throw new ProjectUnknownException(project);
        return new ProjectLifecycle(found.State, found.LastOperation?.Id);
    }
}
