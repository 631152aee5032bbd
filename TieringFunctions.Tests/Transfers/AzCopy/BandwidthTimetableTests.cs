using System.Globalization;
using Tiering.Core;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Tests.Transfers.AzCopy;

public sealed class BandwidthTimetableTests
{
    // Paris is one hour before UTC in winter, two in summer.
    [TestCase("2026-01-15T06:59:59Z", 200)]
    [TestCase("2026-01-15T07:00:00Z", 50, Description = "08:00 in Paris")]
    [TestCase("2026-01-15T17:59:59Z", 50)]
    [TestCase("2026-01-15T18:00:00Z", 200, Description = "19:00 is no part of the window")]
    [TestCase("2026-07-15T06:00:00Z", 50, Description = "08:00 in summer")]
    [TestCase("2026-07-15T05:59:59Z", 200)]
    [TestCase("2026-01-15T20:59:59Z", 200)]
    [TestCase("2026-01-15T21:00:00Z", null, Description = "22:00, over midnight")]
    [TestCase("2026-01-16T02:59:59Z", null)]
    [TestCase("2026-01-16T03:00:00Z", 200)]
    public void CapAt_FollowsTheClockOfTheZone(string instant, double? cap) => BandwidthTimetable
        .Parse("200; 08:00-19:00=50; 22:00-04:00=none", LocalZone.Paris)
        .CapAt(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture)).Should().Be(cap);

    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("none", null)]
    [TestCase("62.5", 62.5)]
    public void CapAt_WithoutWindows_IsAlwaysTheSame(string? text, double? cap) =>
        BandwidthTimetable.Parse(text, LocalZone.Paris).CapAt(DateTimeOffset.UnixEpoch).Should().Be(cap);

    [Test]
    public void CapAt_OnlyAWindow_HasNoBoundElsewhere()
    {
        BandwidthTimetable timetable = BandwidthTimetable.Parse("18:00-24:00=10", LocalZone.Paris);
        timetable.CapAt(new DateTimeOffset(2026, 1, 15, 22, 59, 59, TimeSpan.Zero)).Should().Be(10);
        timetable.CapAt(new DateTimeOffset(2026, 1, 15, 23, 0, 0, TimeSpan.Zero)).Should().BeNull();
        timetable.Lowest.Should().Be(10);
    }

    [TestCase("2026-01-14T23:00:00Z", Description = "00:00 in Paris")]
    [TestCase("2026-01-15T11:00:00Z")]
    [TestCase("2026-01-15T22:59:59Z")]
    public void CapAt_TheWholeDayAsAWindow_HoldsAlways(string instant)
    {
        BandwidthTimetable timetable = BandwidthTimetable.Parse("200;00:00-24:00=50", LocalZone.Paris);
        timetable.CapAt(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture)).Should().Be(50);
        BandwidthTimetable.Parse(timetable.ToString(), LocalZone.Paris).ToString().Should().Be("200;00:00-24:00=50");
    }

    [TestCase("0.5", "*number from 1*")]
    [TestCase("1e9", "*number from 1*")]
    [TestCase("200;08:00-19:00", "*windows such as*")]
    [TestCase("200;8-19=50", "*a time that is none: 8;*")]
    [TestCase("200;08:00-25:00=50", "*a time that is none: 25:00*")]
    [TestCase("200;08:00-08:00=50", "*empty*")]
    [TestCase("200;00:00-00:00=50", "*empty*")]
    [TestCase("200;24:00-24:00=50", "*empty*")]
    [TestCase("200;24:00-00:00=50", "*empty*")]
    [TestCase("200;00:00-24:00=50;08:00-09:00=10", "*overlaps another: 08:00-09:00=10*")]
    [TestCase("200;08:00-09:00=10;00:00-24:00=50", "*overlaps another: 00:00-24:00=50*")]
    [TestCase("200;08:00-19:00=50;18:00-20:00=10", "*overlaps another: 18:00-20:00=10*")]
    [TestCase("200;22:00-04:00=50;03:00-05:00=10", "*overlaps*")]
    [TestCase("08:00-19:00=50;200", "*windows such as*")]
    public void Parse_WhatIsNoTimetable_IsRefusedWithTheRule(string text, string message) => FluentActions
        .Invoking(() => BandwidthTimetable.Parse(text, LocalZone.Paris))
        .Should().Throw<ConfigurationException>().WithMessage("AZCOPY_CAP_MBPS " + message);

    // A second of 40 Mbps is 5,000,000 bytes: 8 MiB do not fit, 4 MiB do.
    [TestCase(LocationKind.Share, LocationKind.Blob, 40, 4)]
    [TestCase(LocationKind.Share, LocationKind.Blob, 67.2, null)]
    [TestCase(LocationKind.Share, LocationKind.Blob, 67, 4)]
    [TestCase(LocationKind.Blob, LocationKind.Share, 40, null, Description = "shares take ranges of 4 MiB anyway")]
    [TestCase(LocationKind.Blob, LocationKind.Share, 30, 2)]
    [TestCase(LocationKind.Share, LocationKind.Blob, 1, 0.0625)]
    [TestCase(LocationKind.Blob, LocationKind.Folder, 12, 1)]
    [TestCase(LocationKind.Share, LocationKind.Folder, 40, 4)]
    [TestCase(LocationKind.Folder, LocationKind.Blob, 1, null, Description = "AzCopy cuts what it sends itself")]
    public void CopyBlocks_UnderABound_FitIntoASecond(LocationKind source, LocationKind destination, double cap, double? blockMiB) =>
        CopyBlocks.SizeMiB(source, destination, cap).Should().Be(blockMiB);
}
