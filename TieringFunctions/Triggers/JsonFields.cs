using System.Globalization;
using System.Text.Json;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>The fields of a JSON object; whatever is wrong is told with the name of the field and the rule. An absent field is as good as null.</summary>
public sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> fields;

    /// <param name="fields">By name.</param>
    /// <param name="known">The only names that may come.</param>
    /// <exception cref="InvalidFieldException">Another one is there.</exception>
    public JsonFields(Dictionary<string, JsonElement> fields, string[] known)
    {
        this.fields = fields;
        if (fields.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new InvalidFieldException(unknown, known.Length == 0 ? "is not known here: the body must be empty" : $"is not known here; the fields are {string.Join(", ", known)}");
    }

    /// <exception cref="InvalidFieldException">The text is no JSON object, or has another field.</exception>
    public static JsonFields Parse(ReadOnlySpan<byte> json, string what, string[] known)
    {
        try
        {
            return new JsonFields(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) ?? [], known);
        }
        catch (JsonException)
        {
            throw new InvalidFieldException(what, "must be a JSON object");
        }
    }

    public string? Text(string name) => fields.GetValueOrDefault(name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw new InvalidFieldException(name, "must be a text"),
    };

    /// <summary>False when it is absent.</summary>
    public bool Flag(string name) => fields.GetValueOrDefault(name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw new InvalidFieldException(name, "must be true or false"),
    };

    /// <summary>An instant: a date, a time, and where it has none, UTC.</summary>
    public DateTimeOffset? Time(string name) => Text(name) switch
    {
        null => null,
        { } text when text.Length >= 10 && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) => time,
        _ => throw new InvalidFieldException(name, "must be a time as in 2026-03-12T12:00:00Z"),
    };

    public DateOnly? Date(string name) => Text(name) switch
    {
        null => null,
        { } text when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) => date,
        _ => throw new InvalidFieldException(name, "must be a date as in 2026-03-12"),
    };

    /// <summary>A list of objects; empty when it is absent.</summary>
    public IReadOnlyList<JsonFields> List(string name, string[] known) => fields.GetValueOrDefault(name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object) =>
            [.. list.EnumerateArray().Select(item => new JsonFields(item.Deserialize<Dictionary<string, JsonElement>>()!, known))],
        _ => throw new InvalidFieldException(name, "must be a list of objects"),
    };
}
