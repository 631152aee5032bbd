using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tiering.Core.Lifecycle;

/// <summary>The name of a project; also the name of its folder in every storage role.</summary>
[JsonConverter(typeof(ProjectSlugJsonConverter))]
public sealed record ProjectSlug
{
    /// <summary>Longest slug, in characters.</summary>
    public const int MaxLength = 255;

    private ProjectSlug(string value) => Value = value;

    public string Value { get; }

    /// <summary>The first 16 hexadecimal digits of the slug's SHA-256: short, safe in ids and file names.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Value)).AsSpan(0, 8));

    /// <exception cref="InvalidSlugException">The text breaks a rule; the message names it.</exception>
    public static ProjectSlug Parse(string? text) =>
        Refusal(text) is { } refusal ? throw new InvalidSlugException(refusal) : new ProjectSlug(text!);

    /// <summary>The rule that <paramref name="text"/> breaks, in the words of Euphrosyne's contract; null when it is a slug.</summary>
    public static string? Refusal(string? text) => text switch
    {
        null => "project_slug must be provided",
        "" => "project_slug must not be empty",
        _ when text.Trim() != text => "project_slug must not contain leading or trailing whitespace",
        _ when text.AsSpan().ContainsAny('/', '\\') => @"project_slug must not contain '/' or '\'",
        _ when text.Contains("..", StringComparison.Ordinal) => "project_slug must not contain '..'",
        _ when text.AsSpan().ContainsAny("%?#*:") || text.Any(char.IsControl) || text.All(c => c == '.') || !IsWellFormed(text) =>
            "project_slug contains a character that is not allowed",
        _ when text.Length > MaxLength || Encoding.UTF8.GetByteCount(text) > MaxLength => "project_slug must not be longer than 255 bytes",
        _ => null,
    };

    public override string ToString() => Value;

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }
        return true;
    }

    private sealed class ProjectSlugJsonConverter : JsonConverter<ProjectSlug>
    {
        public override ProjectSlug Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, ProjectSlug value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }
}

public sealed class InvalidSlugException(string rule) : TieringException("invalid-slug", rule, isTransient: false);
