using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.Functions.Nights;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Access;

/// <summary>The services behind the HTTP endpoints, the same on both hosts.</summary>
public static class HttpSurface
{
    /// <summary>Adds them; stores, starter, storage settings and locations come from elsewhere.</summary>
    public static IServiceCollection AddHttpSurface(this IServiceCollection services) => services
        .AddSingleton(provider =>
        {
            IConfiguration configuration = provider.GetRequiredService<IConfiguration>();
            string data = configuration["TIERING_DATA"] is { Length: > 0 } folder ? folder : ".tiering";
            string? given = configuration["TIERING_TOKEN"] is { Length: > 0 } token ? token : null;
            return new ApiTokens(provider.GetRequiredService<ITokenStore>(), Path.Combine(data, "token"), given, Show);
        })
        .AddHostedService<TokenPreparation>()
        .AddNightSettings()
        .AddSingleton<RequestGate>()
        .AddSingleton<Refusals>()
        .AddSingleton<OperationIntake>()
        .AddSingleton<IProjectDataProbe, FolderProbe>()
        .AddSingleton<IReadinessCheck, CatalogueReadiness>()
        .AddSingleton<IReadinessCheck, TaskHubReadiness>()
        .AddSingleton<IReadinessCheck, StorageReadiness>();

    /// <summary>Only to a person: a log keeps what it gets, and the token's file is there for everybody else.</summary>
    private static void Show(string token)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.WriteLine($"The token for /api, shown this once: {token}");
    }

    /// <summary>Makes the first token before the first request can come.</summary>
    private sealed class TokenPreparation(ApiTokens tokens) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => tokens.PrepareAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
