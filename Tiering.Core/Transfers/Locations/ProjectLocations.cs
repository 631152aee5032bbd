using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Locations;

/// <summary>The one function that says where a project's data lies: for copy, count and deletion alike.</summary>
/// <param name="settings">Where the roles lie.</param>
public sealed class ProjectLocations(StorageSettings settings)
{
    /// <exception cref="ConfigurationException">The role is not set up.</exception>
    public Location For(ProjectSlug project, StorageRole role)
    {
        _ = settings;
        throw new NotSupportedException();
    }
}
