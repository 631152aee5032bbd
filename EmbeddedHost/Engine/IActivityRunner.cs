namespace Tiering.EmbeddedHost.Engine;

/// <summary>One attempt of an activity.</summary>
/// <param name="Name">The activity's.</param>
/// <param name="Input">Serialized.</param>
/// <param name="InstanceId">Whose it is.</param>
/// <param name="Trace">W3C traceparent of the orchestration, or null.</param>
internal sealed record ActivityCall(string Name, string? Input, string InstanceId, string? Trace);

/// <summary>Runs the application's activities.</summary>
internal interface IActivityRunner
{
    bool Knows(string name);

    /// <summary>Runs one attempt and returns its result, serialized.</summary>
    Task<string?> RunAsync(ActivityCall call, CancellationToken cancellation);
}

/// <summary>Where the engine's work is done. Work that is handed over later may run first.</summary>
internal interface IWorkScheduler
{
    void Run(Action work);
}

/// <summary>The thread pool.</summary>
internal sealed class PoolScheduler : IWorkScheduler
{
    public void Run(Action work) => ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
}
