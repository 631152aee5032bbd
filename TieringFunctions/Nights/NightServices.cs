using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.Core.Nights;

namespace Tiering.Functions.Nights;

public static class NightServices
{
    /// <summary>Adds the settings of nights, and with them the zone; adding them twice is no harm.</summary>
    public static IServiceCollection AddNightSettings(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new NightSettings(name => provider.GetRequiredService<IConfiguration>()[name]));
        return services;
    }
}
