using System.Text.Json;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>A night in the real service, with real transfers.</summary>
public sealed class NightJourneyTests
{
    [Test]
    public async Task Night_LimitOfTwo_CoolsTheTwoOldestOfThree()
    {
        using TempFolder temp = new();
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["TIERING_NIGHTLY_COOLING"] = "true",
            ["TIERING_NIGHT_LIMIT"] = "2",
            ["TIERING_NIGHT_START"] = "00:00",
            ["TIERING_NIGHT_END"] = "00:00", // the whole day: it is night whenever the test runs
            ["TIERING_NIGHT_EXCLUDE"] = "never-*",
            ["TIERING_TIME_ZONE"] = ZoneAtNoon(),
        };
        string data = temp.Folder("data");
        await using (ServiceProcess day = await ServiceProcess.StartAsync(data, azurite, new Dictionary<string, string>(StringComparer.Ordinal)))
        {
            foreach ((string slug, string createdAt) in (IEnumerable<(string, string)>)[("third", "2021-01-03"), ("first", "2021-01-01"), ("second", "2021-01-02"), ("never-1", "2020-01-01")])
            {
                temp.File(Path.Combine("data", "hot", slug, "notes.txt"), slug);
                await day.SendAsync(HttpMethod.Post, "/api/projects", new { slug, createdAt });
            }
        }

        await using ServiceProcess service = await ServiceProcess.StartAsync(data, azurite, settings);
        JsonElement night = await service.WaitAsync(
            async () => (await service.SendAsync(HttpMethod.Get, "/api/nights")).GetProperty("items").EnumerateArray().FirstOrDefault(),
            shown => shown.ValueKind == JsonValueKind.Object && shown.GetProperty("status").GetString() == "COMPLETED",
            "the end of the night");

        night.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("project").GetString(), item.GetProperty("status").GetString()))
            .Should().Equal(("first", "SUCCEEDED"), ("second", "SUCCEEDED"));
        (await service.StateAsync("first"), await service.StateAsync("second"), await service.StateAsync("third"), await service.StateAsync("never-1"))
            .Should().Be(("COOL", "COOL", "HOT", "HOT"));

        JsonElement plan = await service.SendAsync(HttpMethod.Get, "/api/nights/next");
        plan.GetProperty("selected").EnumerateArray().Select(project => (project.GetProperty("project").GetString(), project.GetProperty("size").GetProperty("bytes").GetInt64()))
            .Should().Equal(("third", 5L));
        plan.GetProperty("others").EnumerateArray().Select(project => (project.GetProperty("project").GetString(), project.GetProperty("obstacle").GetString()))
            .Should().Equal(("first", "NOT_HOT"), ("never-1", "EXCLUDED"), ("second", "NOT_HOT"));

        await service.KillAsync();
        await service.StartAgainAsync(); // the timer fires at start: the night of this date has been
        (await service.SendAsync(HttpMethod.Get, "/api/instances?prefix=night-")).GetProperty("items").GetArrayLength().Should().Be(1);
        (await service.SendAsync(HttpMethod.Get, $"/api/nights/{night.GetProperty("date").GetString()}")).GetProperty("items").GetArrayLength().Should().Be(2);
    }

    /// <summary>A zone in which no date ends while the test runs. Its name has the sign the other way round.</summary>
    private static string ZoneAtNoon() => (12 - DateTimeOffset.UtcNow.Hour) switch
    {
        0 => "Etc/GMT",
        > 0 and int east => $"Etc/GMT-{east}",
        int west => $"Etc/GMT+{-west}",
    };
}
