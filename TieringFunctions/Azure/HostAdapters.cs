using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Identity;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Manifests;
using Tiering.Functions.Access;
using Tiering.Functions.Azure;
using Tiering.Functions.Nights;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions;

/// <summary>The Azure host's stores and job host: tables, blobs and container jobs, all signed in to as the app's own identity.</summary>
public static class HostAdapters
{
    /// <summary>Instances come and go by the hour, and a start is no event; the timers come soon enough.</summary>
    public const bool TimersRunAtStart = false;

    /// <summary>Each timer is scaled on its own: an instance that was woken late learns from the stored schedule that its run is due.</summary>
    public const bool TimersAreMonitored = true;

    /// <exception cref="ConfigurationException">A setting is missing or wrong.</exception>
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        string? Setting(string name) => configuration[name];

        // Instances come and go, and their disks with them: what would be made and kept in a file elsewhere has to be given here.
        Require(configuration, "TIERING_TOKEN");
        Require(configuration, "TIERING_SIGNING_KEY");
        Resolved.Check(Setting);

        TokenCredential credential = new DefaultAzureCredential();
        StateSettings state = new(Setting, credential);
        (TableServiceClient account, string prefix) = (state.Tables(), state.TablePrefix);
        TableStorage Tables(IServiceProvider provider) => new(account, provider.GetRequiredService<TimeProvider>(), prefix);
        string local = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "tiering")).FullName;

        services
            .AddSingleton<ITokenSource>(new CredentialTokens(credential))
            .AddSingleton(Tables)
            .AddNightSettings()
            .AddSingleton<ICatalogue>(provider => new TableCatalogue(
                provider.GetRequiredService<TableStorage>(),
                dropIn: !string.IsNullOrWhiteSpace(configuration["EUPHROSYNE_BACKEND_URL"]),
                provider.GetRequiredService<NightSettings>().Zone))
            .AddSingleton(provider => new TableProjectRegister(provider.GetRequiredService<TableStorage>(), provider.GetRequiredService<NightSettings>().Zone))
            .AddSingleton<IProjectRegister>(provider => provider.GetRequiredService<TableProjectRegister>())
            .AddHostedService<CataloguePreparation>()
            .AddSingleton<INightStore, TableNightStore>()
            .AddSingleton<IOutbox, TableOutbox>()
            .AddSingleton<IAudit, TableAudit>()
            .AddSingleton<ITokenStore, TableTokenStore>()
            .AddSingleton(new BlobFolder(state.Manifests()))
            .AddSingleton<IManifestStore, BlobManifestStore>()
            .AddSingleton<ICertificateStore, BlobCertificateStore>()
            .AddSingleton<IArchive, BlobArchive>()
            .AddSingleton(_ => HubHistory.Open(Setting, credential))
            .AddSingleton<IUpkeepTask, HubUpkeep>()
            .AddHostedService<TableSettingsAudit>()
            .AddSigningKey(configuration, local)
            .AddContainerJobs(configuration, Path.Combine(local, "container-jobs"));
    }

    /// <summary>Null: the histories lie in the task hub of Durable Functions, which replays them itself. The embedded host can check them beforehand.</summary>
    public static Task<int?> CheckReplaysAsync(string[] args) => Task.FromResult<int?>(null);

    private static void Require(IConfiguration configuration, string name)
    {
        if (string.IsNullOrWhiteSpace(configuration[name]))
            throw new ConfigurationException($"{name} environment variable is not set");
    }

    /// <summary>Has every date computed for the zone that is set, before the first request can come.</summary>
    private sealed class CataloguePreparation(TableProjectRegister register) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => register.SettleAllAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
