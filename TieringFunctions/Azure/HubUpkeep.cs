using System.Globalization;
using Tiering.Functions.Upkeep;

namespace Tiering.Functions.Azure;

/// <summary>Archives orchestrations that ended long ago, with their histories, and purges them.</summary>
public sealed class HubUpkeep(IArchive archive, HubHistory history, TimeProvider time) : IUpkeepTask
{
    private const int InstancesInOneStep = 100;
    private static readonly OrchestrationRuntimeStatus[] Ended =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    private string? next;

    public string Name => "orchestrations";

    public async Task<UpkeepStep> RunAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation)
    {
        List<ArchivedInstance> ended = [];
        foreach (OrchestrationMetadata instance in await PageAsync(client, before, cancellation))
        {
            if (instance.LastUpdatedAt < before)
                ended.Add(ArchivedInstance.Of(instance, await history.ReadAsync(instance.InstanceId, cancellation)));
        }
        if (ended.Count > 0)
        {
            string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
            await archive.WriteAsync($"orchestrations-{stamp}-{ended[0].Id}", ended, cancellation); // before the first is gone: a crash leaves them twice, never not at all
            foreach (ArchivedInstance instance in ended)
                await client.PurgeInstanceAsync(instance.Id, cancellation: cancellation);
        }
        return new UpkeepStep(ended.Count, next is not null);
    }

    /// <summary>The next page of what was started before then and has ended; after the last one the next round begins anew.</summary>
    private async Task<IReadOnlyList<OrchestrationMetadata>> PageAsync(DurableTaskClient client, DateTimeOffset before, CancellationToken cancellation)
    {
        OrchestrationQuery query = new()
        {
            CreatedTo = before,
            Statuses = Ended,
            PageSize = InstancesInOneStep,
            FetchInputsAndOutputs = true,
            ContinuationToken = next,
        };
        next = null;
        await foreach (Page<OrchestrationMetadata> page in client.GetAllInstancesAsync(query).AsPages().WithCancellation(cancellation))
        {
            next = page.ContinuationToken is { Length: > 0 } token ? token : null;
            return page.Values;
        }
        return [];
    }
}

/// <param name="Id">The instance.</param>
/// <param name="Name">Its orchestrator.</param>
/// <param name="Status">How it ended.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="EndedAt">When it was last written.</param>
/// <param name="Input">What it began with, as JSON.</param>
/// <param name="Output">What it came to, as JSON.</param>
/// <param name="CustomStatus">What it last told of itself, as JSON.</param>
/// <param name="Failure">Why it failed; null otherwise.</param>
/// <param name="History">The rows of its history.</param>
public sealed record ArchivedInstance(
    string Id,
    string Name,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset EndedAt,
    string? Input,
    string? Output,
    string? CustomStatus,
    string? Failure,
    IReadOnlyList<IReadOnlyDictionary<string, object>> History)
{
    internal static ArchivedInstance Of(OrchestrationMetadata instance, IReadOnlyList<IReadOnlyDictionary<string, object>> history) => new(
        instance.InstanceId,
        instance.Name,
        instance.RuntimeStatus.ToString(),
        instance.CreatedAt,
        instance.LastUpdatedAt,
        instance.SerializedInput,
        instance.SerializedOutput,
        instance.SerializedCustomStatus,
        instance.FailureDetails?.ToString(),
        history);
}
