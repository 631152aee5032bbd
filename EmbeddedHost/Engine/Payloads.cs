using System.Diagnostics.CodeAnalysis;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.EmbeddedHost.Engine;

/// <summary>Turns inputs, results, events and statuses into text, and refuses what is too large for a history.</summary>
/// <param name="converter">The host's serializer.</param>
/// <param name="maxCharacters">The longest text.</param>
internal sealed class Payloads(DataConverter converter, int maxCharacters)
{
    public DataConverter Converter { get; } = converter;

    /// <exception cref="PayloadTooLargeException">The text is too long; pass a reference to the data instead.</exception>
    [return: NotNullIfNotNull(nameof(value))]
    public string? Serialize(object? value, string what)
    {
        string? text = Converter.Serialize(value);
        if (text is not null && text.Length > maxCharacters)
            throw new PayloadTooLargeException(what, text.Length, maxCharacters);
        return text;
    }

    public T? Deserialize<T>(string? text) => Converter.Deserialize<T>(text);
}

/// <summary>An input, result, event or status is too large for a history.</summary>
public sealed class PayloadTooLargeException : Exception
{
    public PayloadTooLargeException(string what, int characters, int maximum)
        : base($"{what} has {characters} characters of JSON; at most {maximum} are allowed. Keep the data elsewhere and pass a reference to it.")
    {
    }
}
