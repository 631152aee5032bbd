using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tiering.EmbeddedHost;

public static class HostAddresses
{
    /// <summary>Where a started host listens, with the real port when it was asked for port 0; empty when it does not.</summary>
    public static IReadOnlyList<Uri> GetAddresses(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return [.. host.Services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.Select(address => new Uri(address)) ?? []];
    }
}
