using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.Core.Catalogue;
using Tiering.Core.Nights;
using Tiering.Functions.Access;
using Tiering.Functions.Nights;

namespace Tiering.Functions.Sqlite;

/// <summary>The stores that lie in <c>tiering.db</c>, below <c>TIERING_DATA</c>.</summary>
public static class SqliteServices
{
    public static IServiceCollection AddSqliteCatalogue(this IServiceCollection services) => services
        .AddNightSettings()
        .AddSingleton(provider =>
        {
            string? folder = provider.GetRequiredService<IConfiguration>()["TIERING_DATA"];
            return new SqliteDatabase(Path.Combine(string.IsNullOrEmpty(folder) ? ".tiering" : folder, "tiering.db"));
        })
        .AddSingleton<ICatalogue>(provider => new SqliteCatalogue(
            provider.GetRequiredService<SqliteDatabase>(),
            provider.GetRequiredService<TimeProvider>(),
            dropIn: !string.IsNullOrWhiteSpace(provider.GetRequiredService<IConfiguration>()["EUPHROSYNE_BACKEND_URL"]),
            provider.GetRequiredService<NightSettings>().Zone))
        .AddSingleton(provider => new SqliteProjectRegister(
            provider.GetRequiredService<SqliteDatabase>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<NightSettings>().Zone))
        .AddSingleton<IProjectRegister>(provider => provider.GetRequiredService<SqliteProjectRegister>())
        .AddHostedService<CataloguePreparation>()
        .AddHostedService<SettingsAudit>()
        .AddSingleton<INightStore, SqliteNightStore>()
        .AddSingleton<IAudit, SqliteAudit>()
        .AddSingleton<IOutbox, SqliteOutbox>()
        .AddSingleton<ITokenStore, SqliteTokenStore>();

    /// <summary>Has every date computed for the zone that is set, before the first request can come.</summary>
    private sealed class CataloguePreparation(SqliteProjectRegister register) : IHostedService
    {
        private const int ProjectsInOneCommit = 2000;

        public Task StartAsync(CancellationToken cancellationToken) => register.SettleAllAsync(ProjectsInOneCommit, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
