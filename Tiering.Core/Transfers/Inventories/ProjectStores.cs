using Tiering.Core.Identity;
using Tiering.Core.Transfers.Inventories.Folders;
using Tiering.Core.Transfers.Inventories.Remote;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>Opens the store that a location lies in.</summary>
/// <param name="http">Used for blobs and shares, as <see cref="CreateClient"/> makes it.</param>
/// <param name="identity">Signs in where access holds no SAS; null where all access does.</param>
public sealed class ProjectStores(HttpClient http, ITokenSource? identity = null)
{
    /// <summary>A client as the stores need it: no redirects, no limit of its own on long reads.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(20),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <param name="location">What is opened.</param>
    /// <param name="access">Asked before every request, so that renewed access is used at once. Not asked for folders.</param>
    public IProjectStore Open(Location location, Func<LocationAccess> access) => location.Kind switch
    {
        LocationKind.Folder => new FolderStore(location),
        LocationKind.Blob => new BlobStore(location, new StorageRequests(http, access, identity)),
        _ => new ShareStore(location, new StorageRequests(http, access, identity) { IsForFiles = true }),
    };

    /// <param name="location">What is opened.</param>
    /// <param name="access">Used for as long as it works.</param>
    public IProjectStore Open(Location location, LocationAccess access) => Open(location, () => access);
}
