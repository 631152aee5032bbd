using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core.Catalogue;
using Tiering.Functions.Access;

namespace Tiering.Functions.Sqlite;

/// <summary>The stores that lie in <c>tiering.db</c>, below <c>TIERING_DATA</c>.</summary>
public static class SqliteServices
{
    public static IServiceCollection AddSqliteCatalogue(this IServiceCollection services) => services
        .AddSingleton(provider =>
        {
            string? folder = provider.GetRequiredService<IConfiguration>()["TIERING_DATA"];
            return new SqliteDatabase(Path.Combine(string.IsNullOrEmpty(folder) ? ".tiering" : folder, "tiering.db"));
        })
        .AddSingleton<ICatalogue>(provider => new SqliteCatalogue(
            provider.GetRequiredService<SqliteDatabase>(),
            provider.GetRequiredService<TimeProvider>(),
            dropIn: !string.IsNullOrWhiteSpace(provider.GetRequiredService<IConfiguration>()["EUPHROSYNE_BACKEND_URL"])))
        .AddSingleton<IAudit, SqliteAudit>()
        .AddSingleton<IOutbox, SqliteOutbox>()
        .AddSingleton<ITokenStore, SqliteTokenStore>();
}
