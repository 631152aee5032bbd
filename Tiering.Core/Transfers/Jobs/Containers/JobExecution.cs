using System.Globalization;
using System.Text.Json.Nodes;

namespace Tiering.Core.Transfers.Jobs.Containers;

/// <summary>
/// One execution of a container job. What it works on are its arguments, which the API tells of every execution: that is how a start whose
/// answer was lost is found.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Status">Running, Processing, Stopped, Degraded, Failed, Unknown or Succeeded; null for not told.</param>
/// <param name="InstanceId">The job folder; null for an execution that is none of ours.</param>
/// <param name="Attempt">The attempt.</param>
internal sealed record JobExecution(string Name, string? Status, string? InstanceId, int Attempt)
{
    /// <summary>Everything but a certain end counts as living: what is not known to have ended may still write.</summary>
    public bool IsLive => Status is not ("Stopped" or "Failed" or "Succeeded");

    /// <summary>Null for an entry without a name.</summary>
    public static JobExecution? Read(JsonNode? entry)
    {
        if (entry?["name"]?.GetValue<string>() is not { Length: > 0 } name)
            return null;
        JsonNode? properties = entry["properties"];
        string[] arguments = properties?["template"]?["containers"] is JsonArray { Count: > 0 } containers && containers[0]?["args"] is JsonArray given
            ? [.. given.Select(argument => argument?.GetValue<string>() ?? "")]
            : [];
        return arguments is [{ Length: > 0 } instance, { } number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int attempt)
            ? new JobExecution(name, properties?["status"]?.GetValue<string>(), instance, attempt)
            : new JobExecution(name, properties?["status"]?.GetValue<string>(), InstanceId: null, Attempt: 0);
    }
}
