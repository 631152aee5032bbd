using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tiering.EmbeddedHost.AzureHubs;

/// <summary>One row of a task hub. What is not as it must be is said by an <see cref="UnjudgedException"/>.</summary>
internal readonly struct HubRow(IReadOnlyDictionary<string, JsonElement> properties)
{
    public string Partition => Text("PartitionKey");

    public string Key => Text("RowKey");

    /// <summary>Null when it is null or not there.</summary>
    public string? Find(string name) => !properties.TryGetValue(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name);

    public string Text(string name) => Find(name) ?? throw Wrong(name);

    public int Number(string name) => properties.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
        ? number
        : throw Wrong(name);

    public bool IsFalse(string name) => properties.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.False;

    /// <summary>UTC.</summary>
    public DateTime Time(string name) =>
        DateTime.TryParse(Find(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time) ? time : throw Wrong(name);

    /// <summary>
    /// The instance's id: a key cannot hold every character, and some stand escaped in it.
    /// Source: https://github.com/Azure/durabletask/blob/main/src/DurableTask.AzureStorage/Tracking/KeySanitation.cs
    /// </summary>
    public string InstanceId()
    {
        string key = Partition;
        StringBuilder id = new(key.Length);
        for (int i = 0; i < key.Length; i++)
        {
            if (key[i] != '^' || i + 1 == key.Length)
            {
                id.Append(key[i]);
                continue;
            }
            char escaped = key[++i];
            id.Append(escaped switch
            {
                '0' => '/',
                '1' => '\\',
                '2' => '#',
                '3' => '?',
                >= 'À' => (char)(escaped - 'À'),
                _ => escaped,
            });
        }
        return id.ToString();
    }

    private UnjudgedException Wrong(string name) => new($"row {Find("RowKey") ?? "without a key"} of its history has no right {name}");
}

/// <summary>Whether a history matches cannot be told.</summary>
/// <param name="reason">Why; it goes on after "cannot be judged: ".</param>
internal sealed class UnjudgedException(string reason) : Exception(reason);
