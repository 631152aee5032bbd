using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Transfers.Inventories;

/// <summary>Opens the store that a location lies in.</summary>
/// <param name="http">Used for blobs and shares; it must not follow redirects, and its own time limit must be off.</param>
public sealed class ProjectStores(HttpClient http)
{
    /// <summary>A client as the stores need it.</summary>
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
    public IProjectStore Open(Location location, Func<LocationAccess> access)
    {
        _ = http;
        throw new NotSupportedException();
    }

    public IProjectStore Open(Location location, LocationAccess access) => Open(location, () => access);
}
