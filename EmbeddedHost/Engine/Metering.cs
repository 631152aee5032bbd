using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What the engine tells OpenTelemetry.</summary>
public static class Metering
{
    /// <summary>The name of the engine's activity source and meter.</summary>
    public const string Name = "Tiering.EmbeddedHost";

    internal static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> SetAside = Meter.CreateCounter<long>("taskhub.set_aside", "{instance}", "Instances that were set aside.");

    internal static readonly Counter<long> Steps = Meter.CreateCounter<long>("taskhub.steps", "{step}", "Steps of instances that were committed.");

    /// <summary>The span of one attempt of an activity, below the orchestration's trace.</summary>
    internal static Span Activity(string name, string instanceId, string? trace)
    {
        if (!Source.HasListeners())
            return default;
        _ = ActivityContext.TryParse(trace, null, out ActivityContext parent);
        Activity? span = Source.StartActivity($"activity {name}", ActivityKind.Internal, parent);
        span?.SetTag("durabletask.task.name", name).SetTag("durabletask.task.instance_id", instanceId);
        return new(span);
    }

    /// <summary>A span, or nothing when nobody listens.</summary>
    internal readonly struct Span(Activity? activity) : IDisposable
    {
        public void Failed(Exception error) => activity?.SetStatus(ActivityStatusCode.Error, error.Message);

        public void Dispose() => activity?.Dispose();
    }
}
