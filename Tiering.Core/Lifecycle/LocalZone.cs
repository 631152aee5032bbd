using NodaTime;
using NodaTime.TimeZones;

namespace Tiering.Core.Lifecycle;

/// <summary>
/// The time zone in which projects have their days and nights. Its rules come with the program: no machine has to have them, and its own
/// zone does not matter.
/// </summary>
public sealed class LocalZone
{
    public const string SettingName = "TIERING_TIME_ZONE";

    private readonly DateTimeZone zone;

    /// <param name="id">A name of the IANA database, such as <c>Europe/Paris</c>.</param>
    /// <exception cref="ConfigurationException">There is no such zone.</exception>
    public LocalZone(string id) => zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(id)
        ?? throw new ConfigurationException($"{SettingName} must be the name of a time zone, such as Europe/Paris");

    public static LocalZone Paris { get; } = new("Europe/Paris");

    public string Id => zone.Id;

    /// <summary>The date there at this instant.</summary>
    public DateOnly DateOf(DateTimeOffset instant) => Instant.FromDateTimeOffset(instant).InZone(zone).Date.ToDateOnly();

    /// <summary>How many minutes clocks there show after midnight, 0 to 1439.</summary>
    public int MinuteOf(DateTimeOffset instant)
    {
        LocalTime time = Instant.FromDateTimeOffset(instant).InZone(zone).TimeOfDay;
        return (time.Hour * 60) + time.Minute;
    }

    /// <summary>
    /// The instant at which clocks there show this time. A time that comes twice is the first one; a time that the change to summer time
    /// leaves out is the instant of the change.
    /// </summary>
    public DateTimeOffset At(DateOnly date, TimeOnly time)
    {
        ZoneLocalMapping mapping = zone.MapLocal(LocalDate.FromDateOnly(date).At(LocalTime.FromTimeOnly(time)));
        Instant instant = mapping.Count == 0 ? mapping.LateInterval.Start : mapping.First().ToInstant();
        return instant.ToDateTimeOffset();
    }
}
