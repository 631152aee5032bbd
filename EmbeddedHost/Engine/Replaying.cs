using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Replays a stored history against the present code, without going on.</summary>
internal static class Replaying
{
    /// <returns>Null when the code still does what the history says; else the first difference.</returns>
    public static string? FindMismatch(StoredInstance instance, IReadOnlyList<byte[]> rows, ExecutionServices services)
    {
        if (services.Orchestrators(instance.Name) is null)
            return Gone(instance.Name);
        try
        {
            IReadOnlyList<StepResult> results = Replay(instance, [.. rows.Select(row => HistoryCodec.DecodeStep(row))], services);
            int end = results.ToList().FindIndex(result => result.Outcome is not null);
            bool isItsEnd = end == results.Count - 1 && instance.HasEnded;
            return end < 0 || isItsEnd ? null : EndsEarly(results[end].Outcome!, end + 1);
        }
        catch (Exception mismatch) when (mismatch is NonDeterministicOrchestrationException or HistoryCorruptException)
        {
            return mismatch.Message;
        }
    }

    public static string Gone(string name) => $"There is no orchestration named '{name}' any more.";

    public static string EndsEarly(Outcome end, int step) => $"The orchestrator comes to an end ({Describe(end)}) in step {step}, after which the history goes on.";

    private static string Describe(Outcome outcome) => outcome is Faulted faulted ? faulted.Failure.ToString() : outcome.GetType().Name;

    /// <returns>What came of each step.</returns>
    /// <exception cref="NonDeterministicOrchestrationException">The code no longer does what the history says.</exception>
    public static IReadOnlyList<StepResult> Replay(StoredInstance instance, IReadOnlyList<HistoryStep> steps, ExecutionServices services)
    {
        ParentOrchestrationInstance? parent = instance.Parent is { } link ? new(link.Name, link.Id) : null;
        OrchestrationExecution execution = new(new(instance.Id, instance.Name, instance.Version, parent), services, _ => { });
        List<StepResult> results = [];
        for (int i = 1; i < steps.Count; i++)
            results.Add(execution.Replay(i, i == 1 ? steps[1] with { Told = [.. steps[0].Told, .. steps[1].Told] } : steps[i]));
        return results;
    }
}
