using System.Text.Json;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.EmbeddedHost.AzureHubs;

/// <summary>Gathers rows of a history into steps. Its format is <see cref="AzureHistory.ReadAsync"/>'s.</summary>
/// <param name="readLarge">Reads a blob; null when it is gone.</param>
internal sealed class StepReader(Func<string, Task<string?>> readLarge)
{
    /// <summary>A timer of the engine's own, which it neither counts nor gives to the orchestrator.</summary>
    private const int OwnTimer = -100;

    private readonly List<HistoryStep> steps = [];
    private string? name;
    private string version = "";
    private ParentOrchestrationInstance? parent;

    public bool HasEnded { get; private set; }

    /// <summary>Whether the last row was the end of a step.</summary>
    public bool IsAtEndOfStep { get; private set; }

    public IReadOnlyList<HistoryStep> Steps() => steps;

    public InstanceIdentity Identity(string id) => new(id, name ?? throw new UnjudgedException("its history does not tell how it was started"), version, parent);

    public async Task AddAsync(HubRow row)
    {
        string type = row.Text("EventType");
        IsAtEndOfStep = type == "OrchestratorCompleted";
        switch (type)
        {
            case "OrchestratorStarted":
                steps.Add(new HistoryStep(row.Time("_Timestamp"), new List<HistoryEvent>(), new List<HistoryEvent>()));
                break;
            case "OrchestratorCompleted":
                break;
            case "ExecutionCompleted" or "ExecutionFailed" or "ContinueAsNew":
                HasEnded = true;
                break;
            case "TaskScheduled" or "TimerCreated" or "SubOrchestrationInstanceCreated" or "EventSent":
                if (row.Number("EventId") != OwnTimer)
                    Step(row).Done.Add(DoneOf(type, row));
                break;
            default:
                if (type != "TimerFired" || row.Number("TimerId") != OwnTimer)
                    Step(row).Told.Add(await ToldOfAsync(type, row));
                break;
        }
    }

    private (List<HistoryEvent> Told, List<HistoryEvent> Done) Step(HubRow row) => steps.Count > 0
        ? ((List<HistoryEvent>)steps[^1].Told, (List<HistoryEvent>)steps[^1].Done)
        : throw new UnjudgedException($"row {row.Key} of its history lies before its first step");

    private static HistoryEvent DoneOf(string type, HubRow row)
    {
        int id = row.Number("EventId");
        return type switch
        {
            "TaskScheduled" => new ActivityScheduled(id, row.Text("Name")),
            "TimerCreated" => new TimerCreated(id, row.Time("FireAt")),
            "EventSent" => new EventSent(id, row.Text("InstanceId"), row.Text("Name")),
            _ => new ChildScheduled(id, row.Text("Name"), row.Text("InstanceId")),
        };
    }

    private async Task<HistoryEvent> ToldOfAsync(string type, HubRow row)
    {
        switch (type)
        {
            case "ExecutionStarted":
                name = row.Text("Name");
                version = row.Find("Version") ?? "";
                parent = ParentOf(row);
                return new ExecutionStarted(await LargeAsync(row, "Input"));
            case "TaskCompleted" or "SubOrchestrationInstanceCompleted":
                return new TaskCompleted(row.Number("TaskScheduledId"), await LargeAsync(row, "Result"));
            case "TaskFailed" or "SubOrchestrationInstanceFailed":
                (TaskFailureDetails failure, bool canRetry) = FailureOf(await LargeAsync(row, "FailureDetails"), row);
                return new TaskFailed(row.Number("TaskScheduledId"), failure, canRetry);
            case "TimerFired":
                return new TimerFired(row.Number("TimerId"));
            case "EventRaised":
                return new EventRaised(row.Text("Name"), await LargeAsync(row, "Input"));
            case "ExecutionSuspended":
                return new ExecutionSuspended(row.Find("Reason"));
            case "ExecutionResumed":
                return new ExecutionResumed(row.Find("Reason"));
            case "ExecutionTerminated":
                return new ExecutionTerminated(row.Find("Input"), Recursive: false);
            case "GenericEvent" or "ExecutionRewound":
                throw new UnjudgedException("it was rewound, which took rows out of its history");
            default:
                throw new UnjudgedException($"row {row.Key} of its history is a {type}, which this build does not know");
        }
    }

    private async Task<string?> LargeAsync(HubRow row, string property) => row.Find(property + "BlobName") is { } blob
        ? await readLarge(blob) ?? throw new TornHistoryException($"the blob that holds the {property} of row {row.Key} is missing or damaged")
        : row.Find(property);

    private static ParentOrchestrationInstance? ParentOf(HubRow row)
    {
        using JsonDocument? json = Parse(row, "ParentInstance", row.Find("ParentInstance"));
        return json is null ? null : new(TextOf(json.RootElement, "Name") ?? "", json.RootElement.TryGetProperty("OrchestrationInstance", out JsonElement of) ? TextOf(of, "InstanceId") ?? "" : "");
    }

    private static (TaskFailureDetails Failure, bool CanRetry) FailureOf(string? text, HubRow row)
    {
        using JsonDocument? json = Parse(row, "FailureDetails", text);
        if (json is null)
            return (new TaskFailureDetails("(unknown)", "(unknown)", StackTrace: null, InnerFailure: null, Properties: null), true); // as the SDK gives what has none
        bool isFinal = json.RootElement.TryGetProperty("IsNonRetriable", out JsonElement final) && final.ValueKind == JsonValueKind.True;
        return (FailureOf(json.RootElement), !isFinal);
    }

    private static TaskFailureDetails FailureOf(JsonElement json) => new(
        TextOf(json, "ErrorType") ?? "(unknown)",
        TextOf(json, "ErrorMessage") ?? "(unknown)",
        TextOf(json, "StackTrace"),
        json.TryGetProperty("InnerFailure", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? FailureOf(inner) : null,
        Properties: json.TryGetProperty("Properties", out JsonElement more) && more.ValueKind == JsonValueKind.Object
            ? more.EnumerateObject().ToDictionary(item => item.Name, item => (object?)item.Value.Clone(), StringComparer.Ordinal)
            : null);

    /// <summary>Null for nothing, and for the word null.</summary>
    private static JsonDocument? Parse(HubRow row, string property, string? text)
    {
        if (text is null or "null")
            return null;
        try
        {
            JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new UnjudgedException($"row {row.Key} of its history has no right {property}");
    }

    private static string? TextOf(JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
