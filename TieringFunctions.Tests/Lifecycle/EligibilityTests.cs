using System.Globalization;
using Tiering.Core;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Lifecycle;

public sealed class EligibilityTests
{
    private static readonly DateTimeOffset Created = Utc("2020-01-01T00:00:00Z");

    [TestCase("2026-03-12T23:30:00Z", "2028-03-02")]
    [TestCase("2026-07-01T21:59:59Z", "2028-06-20")]
    [TestCase("2026-07-01T22:00:00Z", "2028-06-21")]
    [TestCase("2026-03-30T22:15:00Z", "2028-03-19", Description = "the local date and 720 days would be a day later")]
    public void After_GoldensOfTheContract_AreTheseDates(string instant, string date) =>
        Eligibility.After(Utc(instant), LocalZone.Paris).Should().Be(Day(date));

    [Test]
    public void Of_WithoutRuns_CountsFromTheCreation() =>
        Eligibility.Of(Utc("2026-07-01T22:00:00Z"), [], LocalZone.Paris).Should().Be(Day("2028-06-21"));

    [Test]
    public void Of_RunWithNeitherEndNorEmbargo_GivesNothing() =>
        Eligibility.Of(Created, [new ProjectRun("planned") { Start = Utc("2030-01-01T00:00:00Z") }], LocalZone.Paris)
            .Should().Be(Eligibility.After(Created, LocalZone.Paris));

    [Test]
    public void Of_EmbargoBeforeTheEndOfItsRun_TakesItsPlace() =>
        Eligibility.Of(Created, [new ProjectRun("1") { End = Utc("2026-07-01T22:00:00Z"), Embargo = Day("2026-08-01") }], LocalZone.Paris)
            .Should().Be(Day("2026-08-01"));

    [Test]
    public void Of_SeveralRuns_TheLatestDateWins()
    {
        ProjectRun embargoed = new("1") { End = Utc("2024-01-01T00:00:00Z"), Embargo = Day("2027-01-01") };
        ProjectRun later = new("2") { End = Utc("2026-03-12T23:30:00Z") };

        Eligibility.Of(Created, [later, embargoed], LocalZone.Paris).Should().Be(Day("2028-03-02"));
        Eligibility.Of(Created, [embargoed, later with { End = Utc("2024-01-01T00:00:00Z") }], LocalZone.Paris).Should().Be(Day("2027-01-01"));
    }

    [Test]
    public void Of_RunsOlderThanTheCreation_StillCountAlone() =>
        Eligibility.Of(Utc("2026-01-01T00:00:00Z"), [new ProjectRun("1") { Embargo = Day("2021-05-05") }], LocalZone.Paris).Should().Be(Day("2021-05-05"));

    [TestCase("2028-03-02", true)]
    [TestCase("2028-03-03", false)]
    public void IsDue_OnTheDayAndNotBefore(string date, bool due) => Eligibility.IsDue(Day(date), Day("2028-03-02")).Should().Be(due);

    [Test]
    public void IsDue_WithoutADate_IsNot() => Eligibility.IsDue(null, DateOnly.MaxValue).Should().BeFalse();

    [Test]
    public void Zone_Unknown_NamesTheSetting() =>
        FluentActions.Invoking(() => new LocalZone("Europe/Atlantis")).Should().Throw<ConfigurationException>().WithMessage("TIERING_TIME_ZONE must be*");

    [TestCase("", "start", null, "run")]
    [TestCase(" a", "start", null, "run")]
    [TestCase("a", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "end")]
    [TestCase("a", null, "9500-01-01T00:00:00Z", "end")]
    public void Run_ThatBreaksARule_NamesTheField(string id, string? start, string? end, string field)
    {
        ProjectRun run = new(id) { Start = start is null or "start" ? null : Utc(start), End = end is null ? null : Utc(end) };

        run.Fault()!.Value.Field.Should().Be(field);
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
