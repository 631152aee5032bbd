using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Http;

/// <summary>Stands in for the web server in an application without HTTP functions: no port is opened.</summary>
internal sealed class NoServer : IServer
{
    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>Puts it in the web server's place when the application turns out to have no HTTP function.</summary>
    public static void UseWithoutHttpFunctions(IServiceCollection services)
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(IServer))?.ImplementationType is not { } server)
            return; // somebody has brought a server of their own
        services.AddSingleton<IServer>(provider => provider.GetRequiredService<FunctionCatalog>().With<HttpTriggerAttribute>().Any()
            ? (IServer)ActivatorUtilities.CreateInstance(provider, server)
            : new NoServer());
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        // nothing was opened
    }
}
