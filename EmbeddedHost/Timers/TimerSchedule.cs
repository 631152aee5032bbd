using System.Globalization;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace Tiering.EmbeddedHost.Timers;

/// <summary>When a timer function is to run.</summary>
internal abstract class TimerSchedule
{
    /// <summary>The first occurrence after this time; null when there is none. Both are UTC.</summary>
    public abstract DateTime? Next(DateTime after);

    /// <summary>Whether it runs more often than once a minute; then its status is not kept.</summary>
    public bool IsFast(DateTime now) => Next(now) is { } first && Next(first) is { } second && second - first < TimeSpan.FromMinutes(1);

    /// <param name="text">NCRONTAB with five or six fields, a time span, or <c>%Setting%</c>.</param>
    /// <param name="configuration">Where settings are looked up, <c>WEBSITE_TIME_ZONE</c> included.</param>
    /// <exception cref="InvalidOperationException">It is none of these; the message says which text and why.</exception>
    public static TimerSchedule Parse(string text, IConfiguration configuration)
    {
        string schedule = LookUp(text, configuration).Trim();
        if (TimeSpan.TryParse(schedule, CultureInfo.InvariantCulture, out TimeSpan interval) && interval > TimeSpan.Zero && schedule.Contains(':'))
            return new IntervalSchedule(interval);
        bool seconds = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        CrontabSchedule? crontab = CrontabSchedule.TryParse(schedule, new CrontabSchedule.ParseOptions { IncludingSeconds = seconds });
        return crontab is null
            ? throw new InvalidOperationException($"The schedule '{schedule}' is neither an NCRONTAB expression of five or six fields nor a time span.")
            : new CrontabTimerSchedule(crontab, Zone(configuration["WEBSITE_TIME_ZONE"]));
    }

    private static string LookUp(string text, IConfiguration configuration)
    {
        if (text.Length < 3 || text[0] != '%' || text[^1] != '%')
            return text;
        string name = text[1..^1];
        return configuration[name] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"The setting '{name}', which the schedule '{text}' refers to, is not set.");
    }

    private static TimeZoneInfo Zone(string? id)
    {
        if (string.IsNullOrEmpty(id))
            return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone)
            ? zone
            : throw new InvalidOperationException($"WEBSITE_TIME_ZONE is '{id}', which is not a time zone of this machine.");
    }
}

/// <summary>Every so often.</summary>
internal sealed class IntervalSchedule(TimeSpan interval) : TimerSchedule
{
    public override DateTime? Next(DateTime after) => after + interval;
}

/// <summary>By NCRONTAB, in a time zone.</summary>
internal sealed class CrontabTimerSchedule(CrontabSchedule crontab, TimeZoneInfo zone) : TimerSchedule
{
    public override DateTime? Next(DateTime after)
    {
        DateTime local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTimeFromUtc(after, zone), DateTimeKind.Unspecified);
        DateTime end = local.AddYears(10);
        for (DateTime next = crontab.GetNextOccurrence(local, end); next < end; next = crontab.GetNextOccurrence(next, end))
        {
            DateTime? utc = ToUtc(next);
            if (utc > after)
                return utc;
        }
        return null;
    }

    /// <summary>A local time that the change to summer time skips is run at its end; one that comes twice, the first time.</summary>
    private DateTime ToUtc(DateTime local)
    {
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        TimeSpan offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return DateTime.SpecifyKind(local - offset, DateTimeKind.Utc);
    }
}
