using System.Diagnostics.CodeAnalysis;

namespace Tiering.EmbeddedHost.Durable;

/// <summary>Turns inputs, results, events and custom statuses into text and back; null is null on both sides.</summary>
public abstract class DataConverter
{
    [return: NotNullIfNotNull(nameof(value))]
    public abstract string? Serialize(object? value);

    /// <exception cref="System.Text.Json.JsonException">The text is not a <paramref name="targetType"/>.</exception>
    public abstract object? Deserialize(string? data, Type targetType);

    public virtual T? Deserialize<T>(string? data) => (T?)Deserialize(data, typeof(T));
}

/// <summary>A converter on the host's serializer.</summary>
internal sealed class SerializerDataConverter(ObjectSerializer serializer) : DataConverter
{
    [return: NotNullIfNotNull(nameof(value))]
    public override string? Serialize(object? value) => value is null ? null : serializer.Serialize(value, value.GetType());

    public override object? Deserialize(string? data, Type targetType) =>
        data is null ? Default(targetType) : serializer.Deserialize(data, targetType);

    private static object? Default(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
}
