using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tiering.Core.Catalogue;
using Tiering.Core.Nights;
using Tiering.Functions.Stores;

namespace Tiering.Functions.Nights;

public static class NightServices
{
    /// <summary>Adds the settings of nights, and with them the zone; adding them twice is no harm.</summary>
    public static IServiceCollection AddNightSettings(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new NightSettings(name => provider.GetRequiredService<IConfiguration>()[name]));
        return services;
    }

    /// <summary>Adds what serves where the host's own adapters keep no dates and nights; theirs take its place.</summary>
    public static IServiceCollection AddPlainRegister(this IServiceCollection services)
    {
        services.TryAddSingleton<IProjectRegister, PlainRegister>();
        services.TryAddSingleton<INightStore, NoNights>();
        return services;
    }
}
