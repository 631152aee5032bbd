using System.Globalization;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Transfers.AzCopy;

/// <summary>
/// How much AzCopy may transfer in a second, by the time of day: <c>200;08:00-19:00=50;22:00-04:00=none</c> is 200 megabits per second, 50 by day,
/// and as much as it can at night. Immutable.
/// </summary>
public sealed class BandwidthTimetable
{
    public const string SettingName = "AZCOPY_CAP_MBPS";

    private const double Least = 1, Most = 1_000_000;
    private const int Day = 24 * 60;
    private const string Rule = "must be a number from 1 to 1000000 or none, and may be followed by windows such as ;08:00-19:00=50";

    private readonly LocalZone zone;
    private readonly double? standard;
    private readonly IReadOnlyList<Window> windows;

    private BandwidthTimetable(LocalZone zone, double? elsewhere, IReadOnlyList<Window> windows) =>
        (this.zone, standard, this.windows) = (zone, elsewhere, windows);

    /// <summary>Never a bound.</summary>
    public static BandwidthTimetable None { get; } = new(LocalZone.Paris, null, []);

    /// <summary>The least bound that is ever there, in megabits per second; null when there is never one.</summary>
    public double? Lowest => windows.Select(window => window.Cap).Append(standard).Min();

    /// <param name="text">The setting; null or empty for no bound.</param>
    /// <param name="zone">Where the clock hangs.</param>
    /// <exception cref="ConfigurationException">It is no timetable; the message says which part and why.</exception>
    public static BandwidthTimetable Parse(string? text, LocalZone zone)
    {
        if (string.IsNullOrWhiteSpace(text))
            return None;
        double? elsewhere = null;
        List<Window> parsed = [];
        foreach ((int place, string part) in text.Split(';', StringSplitOptions.TrimEntries).Index())
        {
            if (place == 0 && !part.Contains('=', StringComparison.Ordinal))
                elsewhere = Cap(part);
            else
                parsed.Add(ParseWindow(part));
        }
        for (int i = 0; i < parsed.Count; i++)
        {
            if (parsed.Take(i).Any(earlier => earlier.Overlaps(parsed[i])))
                throw Wrong($"has a window that overlaps another: {parsed[i]}");
        }
        return new BandwidthTimetable(zone, elsewhere, parsed);
    }

    /// <summary>The bound at an instant, in megabits per second; null for none.</summary>
    public double? CapAt(DateTimeOffset instant)
    {
        if (windows.Count == 0)
            return standard;
        int minute = zone.MinuteOf(instant);
        return windows.FirstOrDefault(window => window.Contains(minute)) is { } now ? now.Cap : standard;
    }

    public override string ToString() => string.Join(';', windows.Select(window => window.ToString()).Prepend(Text(standard)));

    private static Window ParseWindow(string part)
    {
        string[] sides = part.Split('=', StringSplitOptions.TrimEntries);
        string[] times = sides[0].Split('-', StringSplitOptions.TrimEntries);
        if (sides.Length != 2 || times.Length != 2)
            throw Wrong(Rule);
        (int from, int to) = (Minute(times[0]), Minute(times[1]));
        bool isEmpty = from % Day == to % Day && to - from != Day; // from 00:00 to 24:00 is the whole day
        return isEmpty ? throw Wrong($"has a window that is empty: {part}") : new Window(from % Day, to, Cap(sides[1]));
    }

    private static int Minute(string text) => text == "24:00"
        ? Day // a window that ends with the day
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time)
            ? (time.Hour * 60) + time.Minute
            : throw Wrong($"has a time that is none: {text}; times are written as 08:00");

    private static double? Cap(string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double cap) && cap is >= Least and <= Most ? cap : throw Wrong(Rule);
    }

    private static string Text(double? cap) => cap?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private static ConfigurationException Wrong(string rule) => new($"{SettingName} {rule}");

    /// <param name="From">Minutes after midnight; belongs to it.</param>
    /// <param name="To">Minutes after midnight, up to 1440; does not belong to it. Not after the start: on the next day.</param>
    /// <param name="Cap">The bound; null for none.</param>
    private sealed record Window(int From, int To, double? Cap)
    {
        public bool Contains(int minute) => From < To ? minute >= From && minute < To : minute >= From || minute < To;

        public bool Overlaps(Window other) => Contains(other.From) || other.Contains(From);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From / 60:00}:{From % 60:00}-{To / 60:00}:{To % 60:00}={Text(Cap)}");
    }
}
