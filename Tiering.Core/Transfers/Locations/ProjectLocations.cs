using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.Locations;

/// <summary>The one function that says where a project's data lies: for copy, count and deletion alike.</summary>
/// <param name="settings">Where the roles lie.</param>
public sealed class ProjectLocations(StorageSettings settings)
{
    /// <exception cref="ConfigurationException">The role is not set up.</exception>
    public Location For(ProjectSlug project, StorageRole role)
    {
        (LocationKind kind, string root) = settings.RootOf(role);
        IEnumerable<string> parts = [.. settings.Prefix, project.Value];
        if (kind != LocationKind.Folder)
            parts = parts.Select(Uri.EscapeDataString);
        return new Location(kind, $"{root}/{string.Join('/', parts)}", root);
    }
}
