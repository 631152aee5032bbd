using System.Reflection;
using Microsoft.Extensions.Configuration;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The host's settings, from its options, its configuration and host.json, in this order.</summary>
internal sealed record HostSettings(string DataFolder, string DatabasePath, string RoutePrefix, string HubName, EngineLimits Limits)
{
    public required IReadOnlyList<Type> FunctionTypes { get; init; }

    public required int MaxPayloadCharacters { get; init; }

    public static HostSettings Resolve(EmbeddedHostOptions options, IConfiguration configuration, HostJson json)
    {
        string folder = options.DataFolder ?? (configuration["TIERING_DATA"] is { Length: > 0 } data ? data : ".tiering");
        EngineLimits defaults = new();
        return new(
            Path.GetFullPath(folder),
            Path.GetFullPath(options.DatabasePath ?? Path.Combine(folder, "taskhub.db")),
            (options.RoutePrefix ?? json.RoutePrefix).Trim('/'),
            options.HubName ?? json.HubName ?? "TaskHub",
            defaults with
            {
                Activities = options.MaxConcurrentActivities ?? json.MaxConcurrentActivities ?? defaults.Activities,
                Orchestrators = options.MaxConcurrentOrchestrators ?? json.MaxConcurrentOrchestrators ?? defaults.Orchestrators,
                CachedInstances = options.MaxCachedInstances ?? defaults.CachedInstances,
                ActivityTimeout = options.ActivityTimeout ?? json.FunctionTimeout ?? defaults.ActivityTimeout,
                StepTimeout = options.OrchestratorTimeout ?? defaults.StepTimeout,
            })
        {
            FunctionTypes = Types(options),
            MaxPayloadCharacters = options.MaxPayloadCharacters,
        };
    }

    private static Type[] Types(EmbeddedHostOptions options)
    {
        IEnumerable<Assembly> assemblies = options.Assemblies.Count + options.Types.Count > 0
            ? options.Assemblies
            : new[] { Assembly.GetEntryAssembly() }.OfType<Assembly>();
        return [.. assemblies.SelectMany(assembly => assembly.GetTypes()).Concat(options.Types).Distinct()];
    }
}
