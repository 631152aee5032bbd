using System.Buffers;
using System.Globalization;
using Tiering.Core.Lifecycle;

namespace Tiering.Core.Nights;

/// <summary>How nights cool.</summary>
public sealed class NightSettings
{
    /// <summary>The timer that looks for a night comes so often: no window may be shorter.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMinutes(15);

    private static readonly SearchValues<char> NotInPatterns = SearchValues.Create("/\\?\"<>");

    /// <param name="setting">Gives a setting by its name; null when it is not set.</param>
    /// <exception cref="ConfigurationException">A setting breaks its rule; the message names it.</exception>
    public NightSettings(Func<string, string?> setting)
    {
        string? Given(string name) => setting(name)?.Trim() is { Length: > 0 } text ? text : null;
        bool isDropIn = Given("EUPHROSYNE_BACKEND_URL") is not null;
        bool isWanted = Given("TIERING_NIGHTLY_COOLING") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new ConfigurationException("TIERING_NIGHTLY_COOLING must be 'true' or 'false'"),
        };
        Enabled = isWanted && !isDropIn;
        Limit = Given("TIERING_NIGHT_LIMIT") switch
        {
            null => 3,
            { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= 1000 => limit,
            _ => throw new ConfigurationException("TIERING_NIGHT_LIMIT must be a whole number from 1 to 1000"),
        };
        Zone = Given(LocalZone.SettingName) is { } zone ? new LocalZone(zone) : LocalZone.Paris;
        Window = new CoolingWindow(Zone, Hour("TIERING_NIGHT_START", "00:00"), Hour("TIERING_NIGHT_END", "06:00"));
        if (Window.End > Window.Start && Window.End - Window.Start < Tick)
            throw new ConfigurationException($"TIERING_NIGHT_END must be at least {Tick.TotalMinutes:0} minutes after TIERING_NIGHT_START");
        Exclusions = [.. (Given("TIERING_NIGHT_EXCLUDE") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (Exclusions.Any(pattern => pattern.AsSpan().ContainsAny(NotInPatterns)))
            throw new ConfigurationException("TIERING_NIGHT_EXCLUDE must be slugs with commas between them, in which * stands for any characters");

        TimeOnly Hour(string name, string standard) =>
            TimeOnly.TryParseExact(Given(name) ?? standard, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly hour)
                ? hour
                : throw new ConfigurationException($"{name} must be an hour as in 00:00 or 22:30");
    }

    /// <summary><c>TIERING_NIGHTLY_COOLING</c>; never in drop-in mode, where the client schedules.</summary>
    public bool Enabled { get; }

    /// <summary><c>TIERING_NIGHT_LIMIT</c>: projects that one night takes at most, 1 to 1000; default 3.</summary>
    public int Limit { get; }

    /// <summary><c>TIERING_TIME_ZONE</c>; default Europe/Paris.</summary>
    public LocalZone Zone { get; }

    /// <summary><c>TIERING_NIGHT_START</c> and <c>TIERING_NIGHT_END</c>; default 00:00 to 06:00.</summary>
    public CoolingWindow Window { get; }

    /// <summary><c>TIERING_NIGHT_EXCLUDE</c>: slugs that no night takes, where <c>*</c> stands for any characters; default none.</summary>
    public IReadOnlyList<string> Exclusions { get; }
}
