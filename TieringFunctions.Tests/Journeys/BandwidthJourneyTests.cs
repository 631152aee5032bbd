using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>A bound of the bandwidth that is changed while a copy runs.</summary>
public sealed class BandwidthJourneyTests : SharedJourney
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal) { ["AZCOPY_CAP_MBPS"] = "1" };

    [Test]
    public async Task RunningCool_TellsWhenItWillEnd_AndGoesOnUnderAnotherBoundOfTheServiceStartedAgain()
    {
        await ProjectAsync("bound", 40_000_000); // five minutes
        string id = await Service.AskAsync("bound", "cool");
        await Service.PhaseAsync(id, TransferPhase.Copy);
        await Service.WaitAsync(
            () => Task.FromResult(Core.AtomicFile.ReadJson<TransferProgress>(Path.Combine(Service.JobOf(id), JobFiles.Progress))),
            progress => progress?.AzCopyJobs.Count > 0,
            "AzCopy's job");
        JsonElement seen = await Service.WaitAsync(
            () => Service.ShowAsync(id),
            shown => shown.TryGetProperty("progress", out JsonElement progress) && progress.ValueKind == JsonValueKind.Object && progress.TryGetProperty("estimatedEnd", out JsonElement end) && end.ValueKind == JsonValueKind.String,
            "the estimated end of the copy");
        JsonElement told = seen.GetProperty("progress");
        told.GetProperty("estimatedEnd").GetDateTimeOffset().Should().BeAfter(seen.GetProperty("startedAt").GetDateTimeOffset());
        told.GetProperty("bytesPerSecond").GetDouble().Should().BePositive();
        seen.GetProperty("percent").GetDouble().Should().BeInRange(0, 99.9);
        await Service.KillAsync();
        Service.Set("AZCOPY_CAP_MBPS", "none");
        await Service.StartAgainAsync();

        Succeeded(await Service.EndOfAsync(id));

        string log = await File.ReadAllTextAsync(Path.Combine(Service.JobOf(id), "agent.log"));
        log.Should().Contain("From now on").And.Contain("--cap-mbps=1");
        Core.AtomicFile.ReadJson<Core.Transfers.Agents.AgentRecord>(Path.Combine(Service.JobOf(id), JobFiles.Agent))!.Attempt.Should().Be(1, "the agent went on");
    }
}
