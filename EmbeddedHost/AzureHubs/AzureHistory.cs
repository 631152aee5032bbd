using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.AzureHubs;

/// <summary>The newest execution of an instance, as steps of this engine.</summary>
/// <param name="Identity">The instance.</param>
/// <param name="Steps">From its start. What was done in a step is what was recorded of it: an instance that is held records it when it goes on.</param>
/// <param name="IsWhole">Whether the last step is recorded to its end; false when it was cut off between two writes.</param>
internal sealed record AzureHistory(InstanceIdentity Identity, IReadOnlyList<HistoryStep> Steps, bool IsWhole)
{
    private const string SentinelKey = "sentinel";

    /// <summary>
    /// Turns the rows of a history into steps. It is the one place that knows how the original engine records what this one records otherwise:
    /// <list type="bullet">
    /// <item>A row's key is its number in the execution. Rows of an earlier execution may follow, and the row <c>sentinel</c> names the newest:
    /// what continued as new begins again at row 0, over the rows that were there.</item>
    /// <item>A step is what lies from an <c>OrchestratorStarted</c>, whose time is the orchestrator's, to the next one: first what it was told,
    /// then what it did. The first step after continue-as-new has its <c>OrchestratorCompleted</c> between the two, and may have another behind them.</item>
    /// <item>Actions have the numbers that they have here, which count retries' timers and parts of long timers as well; <c>EventId</c> is the
    /// number of what was done, <c>TaskScheduledId</c> and <c>TimerId</c> of what was answered.</item>
    /// <item>Activities' results, events' payloads and orchestrations' inputs are the same JSON as here. An activity's input lies in an array, and
    /// is not compared.</item>
    /// <item>What is longer than a row holds is a blob, named by the property with <c>BlobName</c> behind its name.</item>
    /// </list>
    /// Identifiers from <c>NewGuid</c>, and so of children without a name of their own, come of another namespace: see <see cref="DeterministicGuid.OfAzure"/>.
    /// Sources: https://github.com/Azure/durabletask: src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs and TableEntityConverter.cs, src/DurableTask.Core/History and
    /// TaskOrchestrationDispatcher.cs; https://github.com/microsoft/durabletask-dotnet: src/Worker/Core/Shims/TaskOrchestrationContextWrapper.cs.
    /// </summary>
    /// <param name="instance">The row of the instance.</param>
    /// <param name="rows">All rows of its history, in the order of their keys.</param>
    /// <param name="readLarge">Reads a blob; null when it is gone.</param>
    /// <returns>Null when it has not begun, or has ended.</returns>
    /// <exception cref="TornHistoryException">It was written while it was read.</exception>
    /// <exception cref="UnjudgedException">It cannot be turned into steps.</exception>
    public static async Task<AzureHistory?> ReadAsync(HubRow instance, IReadOnlyList<HubRow> rows, Func<string, Task<string?>> readLarge)
    {
        string? execution = rows.Count == 0 ? null : rows[^1].Key == SentinelKey ? rows[^1].Text("ExecutionId") : rows[0].Text("ExecutionId");
        if (instance.Text("RuntimeStatus") == "Pending" && (execution is null || execution != (instance.Find("ExecutionId") ?? execution)))
            return null; // what is there is of an execution before it
        if (execution is null)
            throw new TornHistoryException("it has no history");
        List<HubRow> newest = [.. rows.TakeWhile(row => row.Key != SentinelKey && row.Text("ExecutionId") == execution)];
        if (newest.Count == 0)
            throw new TornHistoryException("the rows of its newest execution are missing");
        bool isComplete = rows[^1].Key != SentinelKey || !rows[^1].IsFalse("IsCheckpointComplete");
        StepReader reader = new(readLarge);
        for (int number = 0; number < newest.Count; number++)
        {
            if (newest[number].Key != number.ToString("X16", System.Globalization.CultureInfo.InvariantCulture))
                throw new TornHistoryException($"row {number} of its history is missing");
            await reader.AddAsync(newest[number]);
            if (reader.HasEnded)
                return null;
        }
        return new AzureHistory(reader.Identity(instance.InstanceId()), reader.Steps(), isComplete && reader.IsAtEndOfStep);
    }
}

/// <summary>Rows do not fit together: they may have been written between two reads, and another read may help.</summary>
/// <param name="reason">What does not fit; it goes on after "cannot be judged: ".</param>
internal sealed class TornHistoryException(string reason) : Exception(reason);
