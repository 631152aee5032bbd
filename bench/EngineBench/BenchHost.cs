using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost;

namespace Tiering.Bench;

/// <summary>The engine as it is measured: its own defaults, no logs.</summary>
internal static class BenchHost
{
    public static string Machine => string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");

    public static IHost Build(string folder)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
        builder.Logging.ClearProviders();
        builder.Services.Configure<EmbeddedHostOptions>(options =>
        {
            options.DataFolder = folder;
            options.Types.Add(typeof(Steps));
        });
        return builder.Build();
    }
}
