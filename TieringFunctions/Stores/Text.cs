using System.Globalization;
using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Stores;

/// <summary>How values stand in the columns.</summary>
internal static class Text
{
    /// <summary>UTC, of fixed width: the order of the texts is the order in time.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    public static string Of(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An enum as in JSON: <c>NOT_REQUESTED</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    public static T Enum<T>(string text)
        where T : struct, Enum => System.Enum.Parse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, TieringJson.Options);

    public static T Record<T>(string json) => JsonSerializer.Deserialize<T>(json, TieringJson.Options)!;
}

/// <summary>Where a page ended: the sequence of its last row.</summary>
internal static class Continuation
{
    /// <summary>The sequence before which the next page lies; above every row for the first page.</summary>
    public static long Sequence(string? continuation) => continuation switch
    {
        null => long.MaxValue,
        _ when long.TryParse(continuation, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) => sequence,
        _ => throw new InvalidFieldException("continuation", "must be the text that came with the page before"),
    };

    /// <summary>Takes the row too many off, which tells that there is a next page.</summary>
    public static string? Cut<T>(List<T> rows, int limit, Func<T, long> sequence)
    {
        if (rows.Count <= limit)
            return null;
        rows.RemoveRange(limit, rows.Count - limit);
        return sequence(rows[^1]).ToString(CultureInfo.InvariantCulture);
    }
}

internal static class Limit
{
    public static void Check(int limit, int max)
    {
        if (limit < 1 || limit > max)
            throw new InvalidFieldException("limit", FormattableString.Invariant($"must be between 1 and {max}"));
    }
}
