using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Administration;

/// <summary>What an operator does with a task hub while it runs. A service of the host.</summary>
public sealed class TaskHubAdministration
{
    private const int PerRead = 200;
    private readonly TaskHubHost host;

    internal TaskHubAdministration(TaskHubHost host) => this.host = host;

    /// <summary>Instances that were set aside, the oldest first.</summary>
    /// <param name="limit">At most so many; 1 to 1,000.</param>
    public IReadOnlyList<SetAsideInstance> ListSetAside(int limit = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(limit is >= 1 and <= 1_000, true, nameof(limit));
        return [.. host.Store.List(new() { SetAside = true, Limit = limit }).Select(SetAsideInstance.Of)];
    }

    /// <summary>What an instance was told and what it did, one line for each, the oldest first; a row that cannot be read says so.</summary>
    /// <exception cref="ArgumentException">No such instance.</exception>
    public IReadOnlyList<string> Inspect(string instanceId) => HistoryText.Of(host.Store.ReadHistory(Require(instanceId).Number));

    /// <summary>Lets an instance that was set aside go on.</summary>
    /// <exception cref="ArgumentException">No such instance.</exception>
    /// <exception cref="InvalidOperationException">It was not set aside.</exception>
    public async Task ReleaseAsync(string instanceId, CancellationToken cancellation = default)
    {
        StoredInstance instance = Require(instanceId);
        if (instance.SetAside is null)
            throw new InvalidOperationException($"The orchestration '{instanceId}' is not set aside.");
        await host.Hub.RequestAsync(new SetAside(instance.Number, null), cancellation);
    }

    /// <summary>Instances that have ended and were not touched since, in the order of their start; with their histories.</summary>
    /// <param name="before">Last touched before; UTC.</param>
    /// <param name="continuation">From the call before; null for the first.</param>
    /// <param name="limit">Looks at so many at most, and gives those of them that were touched last before then; 1 to 1,000.</param>
    /// <returns>What was found, and where to go on; null when none are left.</returns>
    public (IReadOnlyList<EndedInstance> Instances, string? Continuation) ListEnded(DateTime before, string? continuation, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(limit is >= 1 and <= 1_000, true, nameof(limit));
        IReadOnlyList<StoredInstance> found = host.Store.List(
            new() { CreatedTo = before, Statuses = EndedInstance.Ends, After = InstanceCursor.Parse(continuation), Limit = limit });
        return ([.. found.Where(instance => instance.Updated < before).Select(instance => EndedInstance.Of(instance, host.Store.ReadHistory(instance.Number)))],
            found.Count < limit ? null : InstanceCursor.Of(found[^1]).ToString());
    }

    /// <summary>Copies the whole task hub, as it is at one moment, to a new file. Work goes on meanwhile.</summary>
    /// <exception cref="IOException">The file exists.</exception>
    public Task BackUpAsync(string path, CancellationToken cancellation = default) =>
        Task.Run(() => host.Store.BackUp(Path.GetFullPath(path), cancellation), cancellation);

    /// <summary>
    /// Replays every instance that has not ended against the code of this build, and returns those that no longer match. Nothing is changed.
    /// </summary>
    public IReadOnlyList<ReplayMismatch> CheckReplays(CancellationToken cancellation = default)
    {
        List<ReplayMismatch> mismatches = [];
        InstanceCursor? after = null;
        while (true)
        {
            IReadOnlyList<StoredInstance> page = host.Store.List(new() { Statuses = SetAsideInstance.Live, After = after, Limit = PerRead });
            foreach (StoredInstance instance in page)
            {
                cancellation.ThrowIfCancellationRequested();
                if (host.Replay(instance) is { } why)
                    mismatches.Add(new(instance.Id, instance.Name, why));
            }
            if (page.Count < PerRead)
                return mismatches;
            after = InstanceCursor.Of(page[^1]);
        }
    }

    private StoredInstance Require(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return host.Store.Find(instanceId) ?? throw new ArgumentException(InstanceTexts.Missing(instanceId), nameof(instanceId));
    }
}

/// <param name="InstanceId">The instance.</param>
/// <param name="Name">Its orchestration.</param>
/// <param name="Reason">What the first difference is.</param>
public sealed record ReplayMismatch(string InstanceId, string Name, string Reason);
