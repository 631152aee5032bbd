using Microsoft.Extensions.DependencyInjection;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Euphrosyne;

/// <summary>What serves, and asks, Euphrosyne. Without its base URL the catalogue is the authority, and nothing is ever sent.</summary>
public static class EuphrosyneServices
{
    /// <param name="services">The app's.</param>
    /// <param name="setting">Gives a setting by its name; null when it is not set.</param>
    public static IServiceCollection AddEuphrosyne(this IServiceCollection services, Func<string, string?> setting)
    {
        BackendSettings settings = new(setting);
        return services
            .AddSingleton(settings)
            .AddSingleton<AnswersUnderWay>()
            .AddSingleton(provider => new EuphrosyneClient(settings, EuphrosyneClient.CreateHttp(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<ILifecycleAuthority>(provider => settings.IsDropIn
                ? new EuphrosyneLifecycle(provider.GetRequiredService<EuphrosyneClient>())
                : new CatalogueLifecycle(provider.GetRequiredService<ICatalogue>()))
            .AddSingleton<ResultCourier>()
            .AddSingleton<Supersession>();
    }
}
