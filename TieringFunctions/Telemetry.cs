using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tiering.Core;

namespace Tiering.Functions;

/// <summary>Sends traces and metrics to an OpenTelemetry collector, while the service runs. Without an address nothing is collected.</summary>
public sealed class Telemetry(IConfiguration configuration) : IHostedService, IDisposable
{
    /// <summary>The collector's address; that it is set turns the export on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Tiering's own, the web server's, and those of the Durable Task engine on Azure.</summary>
    private static readonly string[] Sources = ["Tiering.*", "Microsoft.AspNetCore", "DurableTask.*", "Microsoft.DurableTask.*"];
    private static readonly string[] Meters = ["Tiering.*", "Microsoft.AspNetCore.Hosting", "System.Runtime"];
    private TracerProvider? traces;
    private MeterProvider? metrics;

    /// <exception cref="ConfigurationException">The address is none: the library would pass over it, and send nowhere.</exception>
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        if (configuration[Endpoint] is not { Length: > 0 } address)
            return;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new ConfigurationException($"{Endpoint} must be an http or https address");
        services.AddSingleton<IHostedService, Telemetry>();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "tiering");
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    /// <summary>Sends what was collected last.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
        (traces, metrics) = (null, null);
    }
}
