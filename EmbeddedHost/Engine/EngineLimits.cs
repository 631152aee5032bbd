namespace Tiering.EmbeddedHost.Engine;

/// <summary>How much the engine does at once, and how long it waits.</summary>
internal sealed record EngineLimits
{
    /// <summary>Activities that run at once.</summary>
    public int Activities { get; init; } = 16;

    /// <summary>Orchestrators that compute at once.</summary>
    public int Orchestrators { get; init; } = 16;

    /// <summary>Waiting instances that are kept as running code; others are replayed when they go on.</summary>
    public int CachedInstances { get; init; } = 2_000;

    /// <summary>How long one attempt of an activity may take.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long one step of an orchestrator may compute before it is set aside.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Runs in a row that a crash of the process may have ended, after which they are not repeated.</summary>
    public int Suspicions { get; init; } = 5;
}
