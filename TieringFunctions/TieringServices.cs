using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tiering.Core;
using Tiering.Core.Costs;
using Tiering.Core.Identity;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Locations;
using Tiering.Functions.Access;
using Tiering.Functions.Activities;
using Tiering.Functions.Euphrosyne;
using Tiering.Functions.Health;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions;

/// <summary>What the app consists of on either host; the stores and the job host differ, and are added by the host's own adapters.</summary>
public static class TieringServices
{
    /// <summary>What payloads of orchestrations are written and read with.</summary>
    public static IServiceCollection AddTieringSerializer(this IServiceCollection services) => services
        .Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options))
        // Azure's orchestrators read their input with these, and not with the serializer that has written it.
        .AddSingleton<IOptions<JsonSerializerOptions>>(Options.Create(TieringJson.Options));

    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static IServiceCollection AddTiering(this IServiceCollection services, IConfiguration configuration)
    {
        string? Setting(string name) => configuration[name];
        StorageSettings storage = new(Setting);
        CheckLateSettings(storage, Setting);
        Telemetry.AddTo(services, configuration); // first, so that nothing of the start is missed
        return services
            .AddTieringSerializer()
            .AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)) // else every poll leaves eight lines
            .AddSingleton(TimeProvider.System)
            .AddSingleton(storage)
            .AddSingleton(new ProjectLocations(storage))
            .AddSingleton(new TransferLimits(Setting, TimeProvider.System.GetUtcNow()))
            .AddSingleton(AzCopyOptions.Read(Setting))
            .AddSingleton(new CostSettings(Setting))
            .AddSingleton(_ => ProjectStores.CreateClient())
            .AddSingleton<ITokenSource>(provider => new ManagedIdentity(
                ManagedIdentity.CreateClient(), IdentityEndpoint.Read(Setting), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new ProjectStores(provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<ITokenSource>()))
            .AddSingleton<IAccessIssuer>(provider => new AccessIssuer(
                storage, provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<ITokenSource>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<TransferPlanner>()
            .AddSingleton<OnlyCopy>()
            .AddSingleton<SourceDeletionGate>()
            .AddSingleton<FreshProof>()
            .AddSingleton<DeliveryStarter>()
            .AddEuphrosyne(Setting)
            .AddSingleton<CertificateAuthority>()
            .AddSingleton<FinishOperation>()
            .AddSingleton<FinishSourceDeletion>()
            .AddSingleton<IOperationStarter, OperationStarter>()
            .AddSingleton<Reconciler>()
            .AddSingleton(new UpkeepSettings(configuration))
            .AddSingleton<IUpkeepTask, JobFolderUpkeep>()
            .AddSingleton<NightSelection>()
            .AddSingleton<NightKeeper>()
            .AddSingleton<NightPreview>()
            .AddSingleton<HealthReport>()
            .AddHttpSurface();
    }

    /// <summary>Settings that are read when they are needed. A wrong one would be found out by a transfer, or by a night.</summary>
    /// <exception cref="ConfigurationException">One is wrong.</exception>
    private static void CheckLateSettings(StorageSettings storage, Func<string, string?> setting)
    {
        storage.Check();
        new BackendSettings(setting).CheckValues();
        ApiTokens.Check(setting("TIERING_TOKEN"));
        _ = new NightSettings(setting);
        _ = IdentityEndpoint.Read(setting);
    }
}
