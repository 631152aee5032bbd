using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Functions.Triggers;

/// <summary>Looks, cheaply, whether a project has data at all, so that a slip of the pen is told at once.</summary>
public interface IProjectDataProbe
{
    /// <exception cref="ProjectDataMissingException">There is certainly none. The transfer itself looks more closely.</exception>
    Task CheckAsync(ProjectSlug project, StorageRole role, CancellationToken cancellation);
}

/// <summary>Knows about folders; for other stores it would have to ask over the network, which the transfer does anyway.</summary>
public sealed class FolderProbe(ProjectLocations locations) : IProjectDataProbe
{
    public Task CheckAsync(ProjectSlug project, StorageRole role, CancellationToken cancellation)
    {
        Location location = locations.For(project, role);
        bool isMissing = location.Kind == LocationKind.Folder && Directory.Exists(location.Root) && !Directory.Exists(location.Address);
        return isMissing ? throw new ProjectDataMissingException(location) : Task.CompletedTask;
    }
}
