using System.Text.Json;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>What the embedded host takes from host.json.</summary>
internal sealed record HostJson
{
    public string RoutePrefix { get; init; } = "api";

    public string? HubName { get; init; }

    /// <summary>The version with which orchestrations begin; null for none.</summary>
    public string? DefaultVersion { get; init; }

    /// <summary>Whether instances that began with a newer version are left to newer builds.</summary>
    public bool LeavesNewerVersions { get; init; }

    public int? MaxConcurrentActivities { get; init; }

    public int? MaxConcurrentOrchestrators { get; init; }

    /// <summary>Null when it does not say; infinite when it says -1.</summary>
    public TimeSpan? FunctionTimeout { get; init; }

    /// <summary>Reads the file; without one all is at its default.</summary>
    /// <exception cref="InvalidOperationException">It is not valid; the message names the setting.</exception>
    public static HostJson Read(string path)
    {
        if (!File.Exists(path))
            return new();
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllBytes(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            JsonElement root = document.RootElement;
            return new()
            {
                RoutePrefix = Text(root, "extensions", "http", "routePrefix") ?? "api",
                HubName = Text(root, "extensions", "durableTask", "hubName"),
                DefaultVersion = Text(root, "extensions", "durableTask", "defaultVersion"),
                LeavesNewerVersions = Text(root, "extensions", "durableTask", "versionMatchStrategy") == "CurrentOrOlder",
                MaxConcurrentActivities = Count(root, "extensions", "durableTask", "maxConcurrentActivityFunctions"),
                MaxConcurrentOrchestrators = Count(root, "extensions", "durableTask", "maxConcurrentOrchestratorFunctions"),
                FunctionTimeout = Timeout(Text(root, "functionTimeout")),
            };
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new InvalidOperationException($"{path} is not valid: {error.Message}", error);
        }
    }

    private static string? Text(JsonElement root, params string[] names)
    {
        if (Find(root, names) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new FormatException($"{string.Join('.', names)} must be a string.");
    }

    private static int? Count(JsonElement root, params string[] names)
    {
        if (Find(root, names) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count > 0
            ? count
            : throw new FormatException($"{string.Join('.', names)} must be a whole number above 0.");
    }

    private static TimeSpan? Timeout(string? text) => text switch
    {
        null => null,
        "-1" => System.Threading.Timeout.InfiniteTimeSpan,
        _ when TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out TimeSpan time) && time > TimeSpan.Zero => time,
        _ => throw new FormatException("functionTimeout must be -1 or a time span like 00:30:00."),
    };

    private static JsonElement? Find(JsonElement element, string[] names)
    {
        foreach (string name in names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element;
    }
}
