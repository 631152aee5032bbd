using System.Text.Json;

namespace Tiering.EmbeddedHost;

/// <summary>Options of the host that have the same name on Azure.</summary>
public sealed class WorkerOptions
{
    /// <summary>How inputs, results, events and custom statuses become JSON. Default: names as declared, enums as numbers.</summary>
    public ObjectSerializer? Serializer { get; set; } = new JsonObjectSerializer(new JsonSerializerOptions());
}

/// <summary>Turns objects into text and back.</summary>
public abstract class ObjectSerializer
{
    public abstract string Serialize(object? value, Type inputType);

    public abstract object? Deserialize(string text, Type returnType);
}

/// <summary>The serializer of System.Text.Json.</summary>
/// <param name="options">Used as they are, and frozen by their first use.</param>
public sealed class JsonObjectSerializer(JsonSerializerOptions options) : ObjectSerializer
{
    public override string Serialize(object? value, Type inputType) => JsonSerializer.Serialize(value, inputType, options);

    public override object? Deserialize(string text, Type returnType) => JsonSerializer.Deserialize(text, returnType, options);
}
