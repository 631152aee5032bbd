using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Finds an orchestration's code by its name, whatever its case; null when there is none.</summary>
internal delegate Func<TaskOrchestrationContext, Task<object?>>? OrchestratorLookup(string name);

/// <summary>What every execution needs of its host.</summary>
internal sealed record ExecutionServices(OrchestratorLookup Orchestrators, Payloads Payloads, ILoggerFactory Loggers)
{
    /// <summary>Actions that one step may ask for; an orchestrator that asks for more loops without waiting.</summary>
    public int MaxActionsPerStep { get; init; } = 100_000;

    /// <summary>The namespace that <c>NewGuid</c> makes its ids in.</summary>
    public Guid GuidSpace { get; init; } = DeterministicGuid.OfThisHost;
}
