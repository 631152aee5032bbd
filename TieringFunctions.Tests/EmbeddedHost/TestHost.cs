using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>A host with the functions of some types, on a task hub of its own that outlives its restarts.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly Type[] types;
    private readonly Action<FunctionsApplicationBuilder>? configure;
    private IHost? host;

    private TestHost(Type[] types, Action<FunctionsApplicationBuilder>? configure)
    {
        this.types = types;
        this.configure = configure;
    }

    public string DatabasePath => Path.Combine(folder.Root, "taskhub.db");

    public IServiceProvider Services => host!.Services;

    public DurableTaskClient Client => Services.GetRequiredService<DurableTaskClient>();

    public Uri Address => host!.GetAddresses()[0];

    public static Task<TestHost> StartAsync(params Type[] types) => StartAsync(null, types);

    public static async Task<TestHost> StartAsync(Action<FunctionsApplicationBuilder>? configure, params Type[] types)
    {
        TestHost test = new(types, configure);
        await test.StartAsync();
        return test;
    }

    public async Task StartAsync()
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Configuration["TIERING_DATA"] = folder.Root;
        builder.Services.Configure<EmbeddedHostOptions>(options =>
        {
            foreach (Type type in types)
                options.Types.Add(type);
        });
        configure?.Invoke(builder);
        host = builder.Build();
        await host.StartAsync();
    }

    /// <summary>Stops the host in order.</summary>
    public async Task StopAsync()
    {
        if (host is null)
            return;
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        host = null;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string name, object? input = null)
    {
        string id = await Client.ScheduleNewOrchestrationInstanceAsync(name, input);
        return await EndAsync(id);
    }

    public async Task<OrchestrationMetadata> EndAsync(string id)
    {
        using CancellationTokenSource patience = new(Eventually.Limit);
        return await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }

    /// <summary>Waits until an instance is set aside.</summary>
    /// <param name="meanwhile">Done again and again until then.</param>
    public async Task<SetAsideInstance> SetAsideAsync(Action? meanwhile = null)
    {
        TaskHubAdministration administration = Services.GetRequiredService<TaskHubAdministration>();
        await Eventually.IsTrueAsync(() =>
        {
            meanwhile?.Invoke();
            return administration.ListSetAside().Count > 0;
        });
        return administration.ListSetAside().Single();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }
}
