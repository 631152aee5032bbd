using System.Collections.Immutable;
using System.Diagnostics;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The client of the host's own task hub.</summary>
internal sealed partial class EmbeddedDurableTaskClient(TaskHubHost host, HostSettings settings, Payloads payloads, TimeProvider clock)
    : DurableTaskClient(settings.HubName)
{
    private const int LongestId = 1_024;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(orchestratorName.Name, nameof(orchestratorName));
        cancellation.ThrowIfCancellationRequested();
        IReadOnlySet<OrchestrationRuntimeStatus> dedupe = DedupeStatuses.Parse(options?.DedupeStatuses);
        string? text = payloads.Serialize(input, $"The input of orchestration '{orchestratorName}'");
        return await StartAsync(orchestratorName.Name, text, options, dedupe, cancellation);
    }

    public override async Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        await SendAsync(instanceId, new EventRaised(eventName, payloads.Serialize(eventPayload, $"The event '{eventName}'")), cancellation);
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, instance => instance.Status != OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, instance => instance.HasEnded, getInputsAndOutputs, cancellation);

    public override Task TerminateInstanceAsync(
        string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionTerminated(payloads.Serialize(options?.Output, "The output"), options?.Recursive ?? false), cancellation);

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionSuspended(reason), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionResumed(reason), cancellation);

    public override async Task<OrchestrationMetadata?> GetInstanceAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        await Task.CompletedTask;
        return host.Store.Find(instanceId) is { } instance ? Describe(instance, getInputsAndOutputs) : null;
    }

    public override async Task RewindInstanceAsync(string instanceId, string reason, CancellationToken cancellation = default) =>
        await host.Hub.RewindAsync(Require(instanceId), cancellation);

    public override async Task<string> RestartAsync(string instanceId, bool restartWithNewInstanceId = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        StoredInstance instance = Require(instanceId);
        if (!restartWithNewInstanceId && !instance.HasEnded)
            throw new InvalidOperationException($"The orchestration '{instanceId}' has not ended: it is {instance.Status}.");
        StartOrchestrationOptions options = new(restartWithNewInstanceId ? null : instanceId)
        {
            Tags = instance.Tags ?? ImmutableDictionary<string, string>.Empty,
            Version = new TaskVersion(instance.Version),
        };
        return await StartAsync(instance.Name, ReadInput(instance.Number), options, DedupeStatuses.Running, cancellation);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask; // the hub belongs to the host

    private async Task<string> StartAsync(
        string name, string? input, StartOrchestrationOptions? options, IReadOnlySet<OrchestrationRuntimeStatus> dedupe, CancellationToken cancellation)
    {
        string id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        if (id.Length is 0 or > LongestId)
            throw new ArgumentException($"An instance id has 1 to {LongestId} characters.", nameof(options));
        DateTime now = clock.GetUtcNow().UtcDateTime;
        using Activity? span = Metering.Orchestration(name, id);
        NewInstance instance = new(host.Store.NextInstance(), id, name, options?.Version?.Version ?? "", now, new(now, [new ExecutionStarted(input)], []))
        {
            StartAt = options?.StartAt is { } start && start.UtcDateTime > now ? start.UtcDateTime : null,
            Tags = options?.Tags.Count > 0 ? options.Tags : null,
            Trace = (span ?? Activity.Current)?.Id,
        };
        return await host.Hub.StartAsync(new(instance, dedupe), cancellation) is AlreadyExists existing
            ? throw new OrchestrationAlreadyExistsException(InstanceTexts.Exists(id, existing.Status))
            : id;
    }

    private async Task SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        if (await host.Hub.SendAsync(instanceId, message, cancellation) is Unknown)
            throw Missing(instanceId);
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string instanceId, Func<StoredInstance, bool> isSo, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return await host.Hub.WaitAsync(instanceId, isSo, cancellation) is { } instance
            ? Describe(instance, getInputsAndOutputs)
            : throw Missing(instanceId);
    }

    private StoredInstance Require(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return host.Store.Find(instanceId) ?? throw Missing(instanceId);
    }

    private static ArgumentException Missing(string instanceId) => new(InstanceTexts.Missing(instanceId), nameof(instanceId));

    private string? ReadInput(long number) => host.Store.ReadStart(number) is { } row
        ? HistoryCodec.DecodeStep(row).Told.OfType<ExecutionStarted>().FirstOrDefault()?.Input
        : null;

    private OrchestrationMetadata Describe(StoredInstance instance, bool withData) => new(instance.Name, instance.Id)
    {
        DataConverter = withData ? payloads.Converter : null,
        RuntimeStatus = instance.Status,
        CreatedAt = new(instance.Created),
        LastUpdatedAt = new(instance.Updated),
        SerializedInput = withData ? ReadInput(instance.Number) : null,
        SerializedOutput = withData ? instance.Output ?? instance.Failure?.ToString() : null,
        SerializedCustomStatus = instance.CustomStatus,
        FailureDetails = instance.Failure,
        Tags = instance.Tags ?? ImmutableDictionary<string, string>.Empty,
    };
}
