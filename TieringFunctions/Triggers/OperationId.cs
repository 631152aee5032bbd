using System.Text.RegularExpressions;

namespace Tiering.Functions.Triggers;

/// <summary>The spellings of an operation's id that callers may use.</summary>
public static partial class OperationId
{
    /// <summary>Hyphenated, 32 digits, braced or <c>urn:uuid:</c>, in any letter case; null for anything else.</summary>
    public static Guid? Parse(string text) => Form().Match(text) is { Success: true } match ? Guid.Parse(match.Groups["id"].Value) : null;

    [GeneratedRegex(
        """\A(?:(?<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|(?<id>[0-9a-f]{32})|\{(?<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}|urn:uuid:(?<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))\z""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
