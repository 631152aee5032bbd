using System.Globalization;
using Tiering.Core.Lifecycle;

namespace Tiering.Cli;

/// <summary>Figures as people read them.</summary>
public static class Texts
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>1536 is <c>1.5 KiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Size(DataSize? size) => size is { } known ? $"{Count(known.Files)} {(known.Files == 1 ? "file" : "files")}, {Bytes(known.Bytes)}" : "";

    /// <summary>12345 is <c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>1 is <c>1 folder</c>, 2 are <c>2 folders</c>.</summary>
    public static string Count(long count, string one) => count == 1 ? $"1 {one}" : $"{Count(count)} {one}s";

    /// <summary>99.9 is <c>99 %</c>: all is done only when it is.</summary>
    public static string Percent(double percent) => Math.Floor(percent).ToString("0 '%'", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan? time) => time is { } known ? known.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) : "";

    /// <summary>90 seconds are <c>90 s</c>, 3 hours <c>3 h</c>.</summary>
    public static string Length(TimeSpan time) => time.TotalSeconds switch
    {
        < 120 and var seconds => seconds.ToString("0 's'", CultureInfo.InvariantCulture),
        < 7200 and var seconds => (seconds / 60).ToString("0 'min'", CultureInfo.InvariantCulture),
        < 172_800 and var seconds => (seconds / 3600).ToString("0.# 'h'", CultureInfo.InvariantCulture),
        var seconds => (seconds / 86_400).ToString("0.# 'd'", CultureInfo.InvariantCulture),
    };

    /// <summary>How fast an agent comes along and how long it still takes, as far as that is known; empty when it is not.</summary>
    public static string Pace(Api.ProgressView? progress) => progress switch
    {
        { BytesPerSecond: { } speed, Left: { } left } => $"{Bytes((long)speed)}/s, about {Length(left)} left",
        { BytesPerSecond: { } speed } => $"{Bytes((long)speed)}/s",
        _ => "",
    };

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
