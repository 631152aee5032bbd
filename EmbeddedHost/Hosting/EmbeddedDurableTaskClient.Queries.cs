using System.Runtime.CompilerServices;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Hosting;

internal sealed partial class EmbeddedDurableTaskClient
{
    private const int PurgedAtOnce = 100;

    private static readonly OrchestrationRuntimeStatus[] Ends =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        filter ??= new();
        if (filter.PageSize < 1)
            throw new ArgumentException("The page size must be at least 1.", nameof(filter));
        return new InstancePages(host.Store, instance => Describe(instance, filter.FetchInputsAndOutputs), filter);
    }

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        if (host.Store.Find(instanceId) is not { } instance)
            return new(0, isComplete: true);
        return instance.HasEnded
            ? new(await PurgeAsync([instance.Number], options, cancellation), isComplete: true)
            : throw new InvalidOperationException($"The orchestration '{instanceId}' has not ended: it is {instance.Status}. Terminate it before it is purged.");
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        OrchestrationRuntimeStatus[] statuses = [.. Ends.Where(end => filter.Statuses?.Contains(end) ?? true)];
        long began = clock.GetTimestamp();
        InstanceCursor? after = null;
        int count = 0;
        while (statuses.Length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (filter.Timeout is { } limit && clock.GetElapsedTime(began) >= limit)
                return new(count, isComplete: false);
            IReadOnlyList<StoredInstance> found = host.Store.List(new()
            {
                CreatedFrom = filter.CreatedFrom?.UtcDateTime, CreatedTo = filter.CreatedTo?.UtcDateTime, Statuses = statuses, After = after, Limit = PurgedAtOnce,
            });
            if (found.Count == 0)
                break;
            after = InstanceCursor.Of(found[^1]);
            count += await PurgeAsync([.. found.Select(instance => instance.Number)], options, cancellation);
        }
        return new(count, isComplete: true);
    }

    private async Task<int> PurgeAsync(IReadOnlyList<long> numbers, PurgeInstanceOptions? options, CancellationToken cancellation) =>
        ((Purged)await host.Hub.RequestAsync(new PurgeInstances(numbers, options?.Recursive ?? false), cancellation)).Instances.Count;

    private sealed class InstancePages(ITaskHubStore store, Func<StoredInstance, OrchestrationMetadata> describe, OrchestrationQuery query)
        : AsyncPageable<OrchestrationMetadata>
    {
        public override IAsyncEnumerable<Page<OrchestrationMetadata>> AsPages(string? continuationToken = null, int? pageSizeHint = null) =>
            ReadAsync(continuationToken ?? query.ContinuationToken, pageSizeHint ?? query.PageSize);

        private async IAsyncEnumerable<Page<OrchestrationMetadata>> ReadAsync(
            string? token, int size, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            InstanceCursor? after = InstanceCursor.Parse(token);
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                await Task.CompletedTask;
                IReadOnlyList<StoredInstance> found = store.List(new()
                {
                    CreatedFrom = query.CreatedFrom?.UtcDateTime, CreatedTo = query.CreatedTo?.UtcDateTime, Statuses = query.Statuses?.ToArray(),
                    Prefix = query.InstanceIdPrefix, After = after, Limit = size,
                });
                bool more = found.Count == size;
                after = found.Count > 0 ? InstanceCursor.Of(found[^1]) : after;
                yield return new(
                    [.. found.Select(describe)],
                    more ? after?.ToString() : null);
                if (!more)
                    yield break;
            }
        }
    }
}
