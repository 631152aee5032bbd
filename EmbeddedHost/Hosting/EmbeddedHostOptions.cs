using System.Reflection;

namespace Tiering.EmbeddedHost;

/// <summary>What the embedded host alone has to be told; an application that also runs on Azure needs none of it.</summary>
public sealed class EmbeddedHostOptions
{
    /// <summary>Where the task hub lies. Default: the setting <c>TIERING_DATA</c>, else <c>.tiering</c>.</summary>
    public string? DataFolder { get; set; }

    /// <summary>The task hub's file. Default: <c>taskhub.db</c> in <see cref="DataFolder"/>.</summary>
    public string? DatabasePath { get; set; }

    /// <summary>Where functions are looked for, with <see cref="Types"/>. Default, when both are empty: the entry assembly.</summary>
    public IList<Assembly> Assemblies { get; } = [];

    public IList<Type> Types { get; } = [];

    /// <summary>What routes begin with. Default: <c>extensions.http.routePrefix</c> of host.json, else <c>api</c>.</summary>
    public string? RoutePrefix { get; set; }

    /// <summary>Activities that run at once. Default: host.json, else 16.</summary>
    public int? MaxConcurrentActivities { get; set; }

    /// <summary>Orchestrators that compute at once. Default: host.json, else 16.</summary>
    public int? MaxConcurrentOrchestrators { get; set; }

    /// <summary>How long one attempt of an activity may take. Default: <c>functionTimeout</c> of host.json, else 30 minutes.</summary>
    public TimeSpan? ActivityTimeout { get; set; }

    /// <summary>How long an orchestrator may compute without waiting before it is set aside. Default: one minute.</summary>
    public TimeSpan? OrchestratorTimeout { get; set; }

    /// <summary>Waiting orchestrations that are kept in memory; others are replayed when they go on. Default: 2,000.</summary>
    public int? MaxCachedInstances { get; set; }

    /// <summary>The longest input, result, event or status, in characters of JSON. Default: 4,194,304.</summary>
    public int MaxPayloadCharacters { get; set; } = 4 * 1024 * 1024;

    /// <summary>The task hub's name. Default: <c>extensions.durableTask.hubName</c> of host.json, else <c>TaskHub</c>.</summary>
    public string? HubName { get; set; }
}
