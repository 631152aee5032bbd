using System.Globalization;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;

namespace Tiering.Tests.Nights;

public sealed class CoolingWindowTests
{
    private static readonly CoolingWindow Usual = new(LocalZone.Paris, new TimeOnly(0, 0), new TimeOnly(6, 0));

    [TestCase("00:00", "06:00", "2026-01-10", "2026-01-09T23:00:00Z", "2026-01-10T05:00:00Z", Description = "winter")]
    [TestCase("00:00", "06:00", "2026-07-10", "2026-07-09T22:00:00Z", "2026-07-10T04:00:00Z", Description = "summer")]
    [TestCase("00:00", "06:00", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z", Description = "five hours: clocks go forward")]
    [TestCase("00:00", "06:00", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z", Description = "seven hours: clocks go back")]
    [TestCase("02:30", "05:00", "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", Description = "opens in the hour that is left out: at the change")]
    [TestCase("02:30", "05:00", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T04:00:00Z", Description = "opens in the hour that comes twice: the first time")]
    [TestCase("01:00", "02:30", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z", Description = "closes in the hour that comes twice: the first time")]
    [TestCase("02:15", "02:45", "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", Description = "a window that is left out altogether")]
    [TestCase("22:00", "05:30", "2026-01-10", "2026-01-10T21:00:00Z", "2026-01-11T04:30:00Z", Description = "over midnight")]
    [TestCase("00:00", "00:00", "2026-01-10", "2026-01-09T23:00:00Z", "2026-01-10T23:00:00Z", Description = "the whole day")]
    public void Of_Date_OpensAndCloses(string start, string end, string date, string opens, string closes)
    {
        CoolingWindow window = new(LocalZone.Paris, TimeOnly.Parse(start, CultureInfo.InvariantCulture), TimeOnly.Parse(end, CultureInfo.InvariantCulture));

        window.Of(Day(date)).Should().Be(new NightWindow(Day(date), Utc(opens), Utc(closes)));
    }

    [TestCase("2026-01-09T22:59:59Z", null)]
    [TestCase("2026-01-09T23:00:00Z", "2026-01-10")]
    [TestCase("2026-01-10T04:59:59Z", "2026-01-10")]
    [TestCase("2026-01-10T05:00:00Z", null)]
    public void OpenAt_AroundItsEnds_IncludesTheFirstInstantOnly(string now, string? date) =>
        Usual.OpenAt(Utc(now))?.Date.Should().Be(date is null ? null : Day(date));

    [TestCase("2026-01-10T20:59:00Z", null)]
    [TestCase("2026-01-10T21:00:00Z", "2026-01-10")]
    [TestCase("2026-01-11T04:00:00Z", "2026-01-10")]
    public void OpenAt_WindowOverMidnight_BelongsToTheEvening(string now, string? date) =>
        new CoolingWindow(LocalZone.Paris, new TimeOnly(22, 0), new TimeOnly(5, 30)).OpenAt(Utc(now))?.Date.Should().Be(date is null ? null : Day(date));

    [Test]
    public void OpenAt_EveryQuarterOfAnHourOfAYear_IsOneNightForEachDate([Values("00:00", "02:30", "23:30")] string start)
    {
        CoolingWindow window = new(LocalZone.Paris, TimeOnly.Parse(start, CultureInfo.InvariantCulture), new TimeOnly(5, 0));
        HashSet<DateOnly> nights = [];
        for (DateTimeOffset now = Utc("2026-01-01T10:00:00Z"); now < Utc("2027-01-01T10:00:00Z"); now += NightSettings.Tick)
        {
            if (window.OpenAt(now) is { } open)
                nights.Add(open.Date);
        }

        nights.Should().HaveCount(365, "each night is met by a tick, also where the clocks change");
    }

    [Test]
    public void NextAt_OpenOrClosed_IsThisOneOrTheNext()
    {
        Usual.NextAt(Utc("2026-01-10T01:00:00Z")).Date.Should().Be(Day("2026-01-10"));
        Usual.NextAt(Utc("2026-01-10T12:00:00Z")).Date.Should().Be(Day("2026-01-11"));
        new CoolingWindow(LocalZone.Paris, new TimeOnly(2, 15), new TimeOnly(2, 45)).NextAt(Utc("2026-03-28T12:00:00Z")).Date.Should().Be(Day("2026-03-30"), "on the 29th it is left out");
    }

    [Test]
    public void ClosedAfter_AWeekOff_GivesEachNightButTheOpenOne() =>
        Usual.ClosedAfter(Day("2026-01-02"), Utc("2026-01-06T01:00:00Z"), limit: 10).Select(night => night.Date)
            .Should().Equal(Day("2026-01-03"), Day("2026-01-04"), Day("2026-01-05"));

    [Test]
    public void ClosedAfter_MoreThanTheLimit_GivesTheLatest() =>
        Usual.ClosedAfter(Day("2000-01-01"), Utc("2026-01-06T12:00:00Z"), limit: 2).Select(night => night.Date).Should().Equal(Day("2026-01-05"), Day("2026-01-06"));

    [TestCase("TIERING_NIGHTLY_COOLING", "yes", "TIERING_NIGHTLY_COOLING must be 'true' or 'false'")]
    [TestCase("TIERING_NIGHT_LIMIT", "0", "TIERING_NIGHT_LIMIT must be a whole number from 1 to 1000")]
    [TestCase("TIERING_NIGHT_START", "24:00", "TIERING_NIGHT_START must be an hour*")]
    [TestCase("TIERING_NIGHT_END", "0:05", "TIERING_NIGHT_END must be an hour*")]
    [TestCase("TIERING_NIGHT_END", "00:05", "TIERING_NIGHT_END must be at least 15 minutes after TIERING_NIGHT_START")]
    [TestCase("TIERING_TIME_ZONE", "Mars", "TIERING_TIME_ZONE must be*")]
    [TestCase("TIERING_NIGHT_EXCLUDE", "a/b", "TIERING_NIGHT_EXCLUDE must be*")]
    public void Settings_ThatBreakARule_AreNamed(string name, string value, string message) =>
        FluentActions.Invoking(() => new NightSettings(asked => asked == name ? value : null)).Should().Throw<ConfigurationException>().WithMessage(message);

    [Test]
    public void Settings_DropIn_NeverEnableNights() =>
        new NightSettings(name => name switch { "TIERING_NIGHTLY_COOLING" => "true", "EUPHROSYNE_BACKEND_URL" => "http://client", _ => null }).Enabled.Should().BeFalse();

    [Test]
    public void Settings_None_AreTheDefaults()
    {
        NightSettings none = new(_ => null);

        (none.Enabled, none.Limit, none.Zone.Id, none.Exclusions.Count).Should().Be((false, 3, "Europe/Paris", 0));
        none.Window.Should().Be(Usual);
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
