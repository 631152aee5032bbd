using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Http;
using Tiering.EmbeddedHost.Timers;

namespace Tiering.EmbeddedHost;

/// <summary>Puts an application together: services, configuration, middleware.</summary>
public sealed class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private const int DefaultPort = 7071;
    private readonly WebApplicationBuilder web;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware = [];

    internal FunctionsApplicationBuilder(string[] args)
    {
        web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        web.WebHost.UseKestrelHttpsConfiguration();
        if (string.IsNullOrEmpty(web.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)) && string.IsNullOrEmpty(web.Configuration["HTTP_PORTS"]))
            web.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, DefaultPort));
        AddHost(Services);
    }

    public IServiceCollection Services => web.Services;

    public IConfigurationManager Configuration => web.Configuration;

    public IHostEnvironment Environment => web.Environment;

    public ILoggingBuilder Logging => web.Logging;

    public IMetricsBuilder Metrics => web.Metrics;

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)web).Properties;

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        this.middleware.Add(middleware);
        return this;
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)web).ConfigureContainer(factory, configure);

    /// <summary>Makes the host. It runs functions and orchestrations from its start to its stop.</summary>
    /// <exception cref="InvalidOperationException">A function or host.json is not right; the message names it.</exception>
    public IHost Build()
    {
        Services.AddSingleton(new MiddlewareList(middleware));
        Services.AddHostedService<TimerFunctions>();
        NoServer.UseWithoutHttpFunctions(Services);
        WebApplication app = web.Build();
        app.Use(HttpFunctions.AnswerUnknownAsync);
        app.Services.GetRequiredService<HttpFunctions>().Map(app);
        _ = app.Services.GetRequiredService<Orchestrators>(); // what is wrong with them is said now
        return app;
    }

    private static void AddHost(IServiceCollection services)
    {
        services.AddRouting();
        services.AddMvcCore();
        services.AddOptions<WorkerOptions>();
        services.AddOptions<EmbeddedHostOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => HostJson.Read(Path.Combine(AppContext.BaseDirectory, "host.json")));
        services.AddSingleton(provider => HostSettings.Resolve(
            provider.GetRequiredService<IOptions<EmbeddedHostOptions>>().Value,
            provider.GetRequiredService<IConfiguration>(),
            provider.GetRequiredService<HostJson>()));
        services.AddSingleton(provider => new FunctionCatalog(provider.GetRequiredService<HostSettings>().FunctionTypes));
        services.AddSingleton<DataConverter>(provider => new SerializerDataConverter(
            provider.GetRequiredService<IOptions<WorkerOptions>>().Value.Serializer ?? throw new InvalidOperationException("WorkerOptions.Serializer is null.")));
        services.AddSingleton(provider => new Payloads(
            provider.GetRequiredService<DataConverter>(), provider.GetRequiredService<HostSettings>().MaxPayloadCharacters));
        services.AddSingleton<FunctionInvoker>();
        services.AddSingleton<IActivityRunner, ActivityFunctions>();
        services.AddSingleton<Orchestrators>();
        services.AddSingleton<TaskHubHost>();
        services.AddHostedService(provider => provider.GetRequiredService<TaskHubHost>()); // before the application's own, which may need it
        services.AddSingleton(provider => new TaskHubAdministration(provider.GetRequiredService<TaskHubHost>()));
        services.AddSingleton(provider => new TaskHubHealthCheck(provider.GetRequiredService<TaskHubHost>()));
        services.AddHealthChecks().AddCheck<TaskHubHealthCheck>("taskhub");
        services.AddSingleton<FunctionKeys>();
        services.AddSingleton<HttpFunctions>();
        services.AddSingleton<DurableTaskClient, EmbeddedDurableTaskClient>();
    }
}
