using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>What the engine tells OpenTelemetry.</summary>
public static class Metering
{
    /// <summary>The name of the engine's activity source and meter.</summary>
    public const string Name = "Tiering.EmbeddedHost";

    internal static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> SetAside = Meter.CreateCounter<long>("taskhub.set_aside", "{instance}", "Instances that were set aside.");
    internal static readonly Counter<long> Steps = Meter.CreateCounter<long>("taskhub.steps", "{step}", "Steps of instances that were stored.");
    internal static readonly Histogram<long> GroupSize = Meter.CreateHistogram<long>("taskhub.commit.operations", "{operation}", "Operations of one commit.");
    private static readonly Counter<long> Instances = Meter.CreateCounter<long>("taskhub.instances", "{instance}", "Instances that ended, by status.");
    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>("taskhub.retries", "{attempt}", "Attempts that followed a failed one, by name of what was called.");
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("taskhub.activities", "{attempt}", "Attempts of activities, by name and result.");

    /// <summary>The span under which an orchestration's work is shown; null when nobody listens.</summary>
    internal static Activity? Orchestration(string name, string instanceId) => Source.StartActivity($"orchestration {name}", ActivityKind.Producer)?
        .SetTag("durabletask.type", "orchestration").SetTag("durabletask.task.name", name).SetTag("durabletask.task.instance_id", instanceId);

    /// <summary>The span of one attempt of an activity, below the orchestration's.</summary>
    internal static Span ActivityAttempt(string name, string instanceId, string? trace)
    {
        _ = ActivityContext.TryParse(trace, null, out ActivityContext parent);
        Activity? span = Source.StartActivity($"activity {name}", ActivityKind.Internal, parent);
        span?.SetTag("durabletask.type", "activity").SetTag("durabletask.task.name", name).SetTag("durabletask.task.instance_id", instanceId);
        return new(name, span);
    }

    /// <summary>Tells that an instance has ended, and how long it took.</summary>
    internal static void Ended(StoredInstance instance, OrchestrationRuntimeStatus status, TaskFailureDetails? failure)
    {
        Instances.Add(1, new KeyValuePair<string, object?>("status", status.ToString()));
        if (!Source.HasListeners() || !ActivityContext.TryParse(instance.Trace, null, out ActivityContext parent))
            return;
        using Activity? span = Source.StartActivity($"run of {instance.Name}", ActivityKind.Internal, parent, startTime: new DateTimeOffset(instance.Created));
        span?.SetTag("durabletask.task.instance_id", instance.Id).SetTag("durabletask.status", status.ToString());
        if (failure is not null)
            span?.SetStatus(ActivityStatusCode.Error, failure.ErrorType);
    }

    /// <summary>One attempt of an activity.</summary>
    internal sealed class Span(string name, Activity? activity) : IDisposable
    {
        private bool failed;

        public void Failed(Exception error)
        {
            failed = true;
            activity?.SetStatus(ActivityStatusCode.Error, error.GetType().FullName); // the message may hold what is nobody's business
        }

        public void Dispose()
        {
            Attempts.Add(1, new("activity", name), new KeyValuePair<string, object?>("result", failed ? "failed" : "ended"));
            activity?.Dispose();
        }
    }
}
