using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.AzureHubs;

/// <summary>Replays what lives in a task hub on Azure against the code of this build. Nothing is written.</summary>
/// <param name="host">Knows the code.</param>
/// <param name="settings">The build's host.json.</param>
/// <param name="hub">Where the histories lie.</param>
internal sealed class AzureReplay(TaskHubHost host, HostJson settings, IAzureTaskHub hub)
{
    private const int Reads = 5;

    /// <summary>What an instance that moves needs to come to its next rest.</summary>
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(200);

    /// <summary>Every live instance with what was found; what ended meanwhile is left out.</summary>
    public async IAsyncEnumerable<ReplayVerdict> CheckAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (IReadOnlyDictionary<string, System.Text.Json.JsonElement> properties in hub.ListLiveAsync(cancellation))
        {
            if (await JudgeAsync(new HubRow(properties), cancellation) is { } verdict)
                yield return verdict;
        }
    }

    private async Task<ReplayVerdict?> JudgeAsync(HubRow row, CancellationToken cancellation)
    {
        string id = row.InstanceId();
        ReplayVerdict verdict = new(id, row.Find("Name") ?? "without a name", Mismatch: null, Unjudged: null);
        try
        {
            if (id.StartsWith('@'))
                throw new UnjudgedException("it is an entity, which has no orchestrator");
            if (!IsTaken(row.Find("Version") ?? ""))
                return verdict with { Mismatch = $"It began with version {row.Find("Version")}; this build is of version {settings.DefaultVersion}, and leaves newer ones to newer builds." };
            string name = row.Text("Name");
            (AzureHistory? history, bool hasEnded) = await ReadAsync(row, cancellation);
            if (hasEnded)
                return null;
            return verdict with { Mismatch = host.Replay(services => history is null ? FindMissing(name, services) : FindMismatch(history, services)) };
        }
        catch (UnjudgedException unjudged)
        {
            return verdict with { Unjudged = unjudged.Message };
        }
    }

    /// <summary>Its history; null while it has not begun.</summary>
    private async Task<(AzureHistory? History, bool HasEnded)> ReadAsync(HubRow row, CancellationToken cancellation)
    {
        for (int read = 1; ; read++)
        {
            try
            {
                HubRow[] rows = [.. (await hub.ReadHistoryAsync(row.Partition, cancellation)).Select(properties => new HubRow(properties))];
                AzureHistory? history = await AzureHistory.ReadAsync(row, rows, blob => hub.ReadLargeAsync(blob, cancellation));
                return (history, history is null && row.Text("RuntimeStatus") != "Pending");
            }
            catch (TornHistoryException torn)
            {
                if (await hub.FindInstanceAsync(row.Partition, cancellation) is not { } now || !IsLive(new HubRow(now)))
                    return (null, HasEnded: true);
                row = new HubRow(now);
                if (read == Reads)
                    throw new UnjudgedException(torn.Message);
            }
            await Task.Delay(BetweenReads, cancellation);
        }
    }

    private static bool IsLive(HubRow row) => row.Find("RuntimeStatus") is "Pending" or "Running" or "Suspended" or "ContinuedAsNew";

    /// <summary>Versions are compared as the host does: as numbers where both are, else as text; none is the oldest.</summary>
    private bool IsTaken(string version)
    {
        if (!settings.LeavesNewerVersions || string.IsNullOrWhiteSpace(version))
            return true;
        if (Version.TryParse(version, out Version? theirs) && Version.TryParse(settings.DefaultVersion, out Version? ours))
            return theirs <= ours;
        return string.Compare(version, settings.DefaultVersion ?? "", StringComparison.OrdinalIgnoreCase) <= 0;
    }

    private static string? FindMissing(string name, ExecutionServices services) => services.Orchestrators(name) is null ? Replaying.Gone(name) : null;

    /// <summary>Null when the code still does what the history says; else the first difference.</summary>
    internal static string? FindMismatch(AzureHistory history, ExecutionServices services)
    {
        if (services.Orchestrators(history.Identity.Name) is null)
            return Replaying.Gone(history.Identity.Name);
        OrchestrationExecution execution = new(history.Identity, services with { GuidSpace = DeterministicGuid.OfAzure }, _ => { });
        List<OrchestratorAction> unrecorded = [];
        try
        {
            for (int i = 0; i < history.Steps.Count; i++)
            {
                HistoryStep step = history.Steps[i];
                StepResult again = execution.Retell(step.Time, step.Told);
                unrecorded.AddRange(again.Actions);
                // What an instance asks for when it is held is recorded only when it goes on; what was cut off, perhaps never.
                bool isAll = !again.Suspended && (i < history.Steps.Count - 1 || history.IsWhole);
                int compared = isAll ? unrecorded.Count : Math.Min(step.Done.Count, unrecorded.Count);
                ReplayCheck.Match(i + 1, step.Done, unrecorded[..compared]);
                unrecorded.RemoveRange(0, compared);
                if (again.Outcome is { } end && isAll)
                    return Replaying.EndsEarly(end, i + 1);
            }
            return null;
        }
        catch (NonDeterministicOrchestrationException mismatch)
        {
            return mismatch.Message;
        }
    }
}

/// <param name="InstanceId">The instance.</param>
/// <param name="Name">Its orchestration.</param>
/// <param name="Mismatch">The first difference; null for none.</param>
/// <param name="Unjudged">Why it cannot be told whether there is one; null when it can.</param>
internal sealed record ReplayVerdict(string InstanceId, string Name, string? Mismatch, string? Unjudged);
