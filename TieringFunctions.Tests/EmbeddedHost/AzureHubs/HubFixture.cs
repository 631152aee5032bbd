using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tiering.Tests.EmbeddedHost.AzureHubs;

/// <summary>The rows of one instance as the original engine wrote them. A file below Fixtures/azure-hub.</summary>
/// <param name="Id">The instance.</param>
/// <param name="Instance">Its row in the table of instances.</param>
/// <param name="Rows">Its history, with rows of an execution before it if there are any; the last is the sentinel.</param>
internal sealed record HubFixture(string Id, JsonObject Instance, IReadOnlyList<JsonObject> Rows)
{
    private static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "azure-hub");

    public static IEnumerable<string> Names => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures", "azure-hub"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    public static HubFixture Read(string name)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;
        return new((string)json["id"]!, json["instance"]!.AsObject(), [.. json["history"]!.AsArray().Select(row => row!.AsObject())]);
    }

    /// <summary>How many rows there are at the end of each step that is not the instance's last.</summary>
    public IReadOnlyList<int> Lengths
    {
        get
        {
            int end = Rows.TakeWhile(row => !IsEnd(row)).Count();
            return [.. Enumerable.Range(1, Rows.Count - 1).Where(length => length <= end && Type(Rows[length - 1]) == "OrchestratorCompleted" && Type(Rows[length]) is null or "OrchestratorStarted"
                && Execution(Rows[length - 1]) == Execution(Rows[^1]))];
        }
    }

    /// <summary>As it was when so many rows had been written, as another instance.</summary>
    /// <param name="length">Rows of the newest execution.</param>
    /// <param name="id">The other instance; null for the same.</param>
    /// <param name="isComplete">Whether the last write had come to its end.</param>
    public HubFixture Cut(int length, string? id = null, bool isComplete = true)
    {
        JsonObject instance = Copy(Instance);
        instance["RuntimeStatus"] = "Running";
        JsonObject sentinel = Copy(Rows[^1]);
        sentinel["IsCheckpointComplete"] = isComplete;
        IEnumerable<JsonObject> before = Rows.Skip(length).Where(row => row != Rows[^1] && Execution(row) != Execution(Rows[^1]));
        return new(id ?? Id, instance, [.. Rows.Take(length).Select(Copy), .. before.Select(Copy), sentinel]);
    }

    /// <summary>The instance as a reader gives it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Plain() => Plain(Instance);

    /// <summary>The rows as a reader gives them: without type annotations.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> PlainRows() => [.. Rows.Select(Plain)];

    public static string? Type(JsonObject row) => (string?)row["EventType"];

    private static bool IsEnd(JsonObject row) => Type(row) is "ExecutionCompleted";

    private static string Execution(JsonObject row) => (string)row["ExecutionId"]!;

    private static JsonObject Copy(JsonObject row) => row.DeepClone().AsObject();

    private IReadOnlyDictionary<string, JsonElement> Plain(JsonObject row) => new Dictionary<string, JsonElement>(
        row.Where(item => !item.Key.EndsWith("@odata.type", StringComparison.Ordinal)).Select(item => KeyValuePair.Create(item.Key, JsonSerializer.SerializeToElement(item.Value)))
            .Append(KeyValuePair.Create("PartitionKey", JsonSerializer.SerializeToElement(Id))),
        StringComparer.Ordinal);
}
