using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The application's activities, as the engine runs them.</summary>
internal sealed class ActivityFunctions(FunctionCatalog catalog, FunctionInvoker invoker, Payloads payloads, ILogger<ActivityFunctions> logger) : IActivityRunner
{
    private readonly Dictionary<string, FunctionInfo> byName =
        catalog.With<ActivityTriggerAttribute>().ToDictionary(function => function.TaskName, StringComparer.OrdinalIgnoreCase);

    public bool Knows(string name) => byName.ContainsKey(name);

    public async Task<string?> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        using IDisposable? scope = logger.BeginScope(new LogScope(call.InstanceId, call.Name)); // whatever the activity logs says whose it is
        object? result = await invoker.InvokeAsync(byName[call.Name], call.Input, null, cancellation);
        return payloads.Serialize(result, $"The result of activity '{call.Name}'");
    }
}
