using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.AzureHubs;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Hosting;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;

namespace Tiering.Tests.EmbeddedHost.AzureHubs;

/// <summary>Rows that the original engine wrote are replayed against the app's own orchestrators, at every length that they had.</summary>
public sealed class AzureReplayTests
{
    private static readonly HostJson Version1 = new() { DefaultVersion = "1", LeavesNewerVersions = true };
    private TestHost host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => host = await TestHost.StartAsync(
        builder => builder.Services.Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options)),
        typeof(HubPrograms), typeof(TransferOrchestration), typeof(SourceDeletionOrchestration), typeof(NightOrchestration), typeof(OutboxDelivery), typeof(AdoptOrchestration));

    [OneTimeTearDown]
    public async Task StopAsync() => await host.DisposeAsync();

    [TestCaseSource(typeof(HubFixture), nameof(HubFixture.Names))]
    public async Task Replay_OfEveryLength_GoesOn(string name)
    {
        HubFixture all = HubFixture.Read(name);
        all.Lengths.Should().NotBeEmpty();
        foreach (int length in all.Lengths)
            (await JudgeAsync(all.Cut(length))).Should().Be(new ReplayVerdict(all.Id, (string)all.Instance["Name"]!, Mismatch: null, Unjudged: null), $"{length} rows");
    }

    [TestCaseSource(typeof(HubFixture), nameof(HubFixture.Names))]
    public async Task Replay_OfWhatWasCutOffBetweenTwoWrites_GoesOn(string name)
    {
        HubFixture all = HubFixture.Read(name);
        for (int length = 2; length <= all.Lengths[^1]; length++)
            (await JudgeAsync(all.Cut(length, isComplete: false)))!.Should().Match<ReplayVerdict>(verdict => verdict.Mismatch == null && verdict.Unjudged == null, $"{length} rows");
    }

    [TestCaseSource(typeof(HubFixture), nameof(HubFixture.Names))]
    public async Task Replay_OfAnyOtherAction_FindsIt(string name)
    {
        HubFixture all = HubFixture.Read(name);
        int whole = all.Lengths[^1];
        for (int number = 0; number < whole; number++)
        {
            foreach (Action<JsonObject> change in Changes(HubFixture.Type(all.Rows[number])))
            {
                HubFixture changed = all.Cut(whole);
                change(changed.Rows[number]);
                ReplayVerdict verdict = (await JudgeAsync(changed))!;
                verdict.Mismatch.Should().StartWith("The orchestrator no longer does what its history says. In step ", $"of row {number}");
                verdict.Unjudged.Should().BeNull();
            }
        }
    }

    [Test]
    public async Task Replay_OfAnActionThatIsMissing_FindsIt()
    {
        HubFixture all = HubFixture.Read("source-deletion");
        HubFixture cut = all.Cut(all.Lengths[1]);
        int asked = cut.Rows.ToList().FindLastIndex(row => HubFixture.Type(row) == "TaskScheduled");
        List<JsonObject> rows = [.. cut.Rows];
        rows.RemoveAt(asked);
        for (int i = asked; i < rows.Count - 1; i++)
            rows[i]["RowKey"] = i.ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
        (await JudgeAsync(cut with { Rows = rows }))!.Mismatch.Should().Contain("the history has nothing more; this replay came to a call of activity 'RemoveSource' (#1)");
    }

    [Test]
    public async Task Replay_AgainstAnotherOrchestrator_NamesWhatWasExpectedAndFound()
    {
        HubFixture cool = HubFixture.Read("cool");
        await using TestHost changed = await TestHost.StartAsync(typeof(Changed));
        (await JudgeAsync(cool.Cut(cool.Lengths[2]), on: changed))!.Mismatch
            .Should().Contain("In step 1 the history has a call of activity 'TakeSlot' (#0); this replay came to a call of activity 'AskNicely' (#0)");
    }

    [Test]
    public async Task Replay_OfAnOrchestratorThatEndsEarly_FindsIt()
    {
        HubFixture adopt = HubFixture.Read("adopt");
        HubFixture cut = adopt.Cut(adopt.Lengths[^1]);
        JsonObject failed = cut.Rows.First(row => HubFixture.Type(row) == "TaskFailed");
        failed["FailureDetails"] = ((string)failed["FailureDetails"]!).Replace("\"IsNonRetriable\":false", "\"IsNonRetriable\":true", StringComparison.Ordinal);
        (await JudgeAsync(cut))!.Mismatch.Should().Contain("In step 2 the history has a timer (#1); this replay came to nothing more");
    }

    [Test]
    public async Task Replay_OfWhatHasNotBegun_LooksForItsOrchestrator([Values("SourceDeletionOrchestration", "Gone")] string orchestrator)
    {
        HubFixture all = HubFixture.Read("source-deletion");
        HubFixture never = all with { Rows = [] };
        HubFixture again = all.Cut(all.Lengths[0]);
        foreach (HubFixture pending in new[] { never, again })
        {
            pending.Instance["RuntimeStatus"] = "Pending";
            pending.Instance["ExecutionId"] = "another";
            pending.Instance["Name"] = orchestrator;
            (await JudgeAsync(pending))!.Mismatch.Should().Be(orchestrator == "Gone" ? "There is no orchestration named 'Gone' any more." : null);
        }
    }

    [TestCase("1", true)]
    [TestCase("", true)]
    [TestCase("0.9", true)]
    [TestCase("2", false)]
    public async Task Replay_OfANewerVersion_IsAMismatch(string version, bool isTaken)
    {
        HubFixture fixture = HubFixture.Read("hub-waits");
        fixture.Instance["Version"] = version;
        ReplayVerdict verdict = (await JudgeAsync(fixture))!;
        verdict.Mismatch.Should().Be(isTaken ? null : "It began with version 2; this build is of version 1, and leaves newer ones to newer builds.");
    }

    [Test]
    public async Task Replay_OfWhatEndedMeanwhile_IsLeftOut()
    {
        HubFixture all = HubFixture.Read("source-deletion");
        all.Instance["RuntimeStatus"] = "Running";
        (await JudgeAsync(all)).Should().BeNull("its history has its end already");
        HubFixture torn = all.Cut(all.Lengths[^1]) with { Rows = [] };
        (await JudgeAsync(torn, hub => hub.Now = _ => null)).Should().BeNull("it was purged");
    }

    [Test]
    public async Task Replay_OfAHistoryThatMoves_ReadsItAgain()
    {
        HubFixture all = HubFixture.Read("hub-continues");
        List<HubFixture> reads = [all with { Rows = [.. all.Rows.Skip(1)] }, all];
        (await JudgeAsync(all, hub => hub.Reads = reads)).Should().BeEquivalentTo(new { Mismatch = (string?)null, Unjudged = (string?)null });
        reads.Should().BeEmpty();
    }

    [TestCase("EventType", "GenericEvent", "it was rewound, which took rows out of its history")]
    [TestCase("EventType", "Novelty", "row 0000000000000005 of its history is a Novelty, which this build does not know")]
    [TestCase("TaskScheduledId", null, "row 0000000000000005 of its history has no right TaskScheduledId")]
    [TestCase("ResultBlobName", "nowhere", "the blob that holds the Result of row 0000000000000005 is missing or damaged")]
    [TestCase("RowKey", "0000000000000400", "row 5 of its history is missing")]
    public async Task Replay_OfWhatItCannotRead_SaysSo(string property, string? value, string reason)
    {
        HubFixture all = HubFixture.Read("source-deletion");
        HubFixture cut = all.Cut(all.Lengths[2]);
        HubFixture.Type(cut.Rows[5]).Should().Be("TaskCompleted");
        cut.Rows[5][property] = value;
        (await JudgeAsync(cut))!.Should().BeEquivalentTo(new { Mismatch = (string?)null, Unjudged = reason });
    }

    [Test]
    public async Task Replay_OfAnEntity_SaysSo() =>
        (await JudgeAsync(HubFixture.Read("hub-waits") with { Id = "@counter@1" }))!.Unjudged.Should().Be("it is an entity, which has no orchestrator");

    [TestCase("a^0b^1c^2d^3e^^f", "a/b\\c#d?e^f")]
    [TestCase("^\u00ca", "\n")]
    [TestCase("plain^", "plain^")]
    public void InstanceId_OfAKey_IsWhatItWasMadeOf(string key, string id) =>
        new HubRow(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["PartitionKey"] = JsonSerializer.SerializeToElement(key) }).InstanceId().Should().Be(id);

    /// <summary>What another build could have done instead.</summary>
    private static IEnumerable<Action<JsonObject>> Changes(string? type)
    {
        if (type is not ("TaskScheduled" or "TimerCreated" or "SubOrchestrationInstanceCreated" or "EventSent"))
            yield break;
        yield return row => row["EventId"] = (int)row["EventId"]! + 1000;
        if (type != "TimerCreated")
            yield return row => row["Name"] = "Another";
        if (type is "SubOrchestrationInstanceCreated" or "EventSent")
            yield return row => row["InstanceId"] = "another";
        yield return row =>
        {
            row["EventType"] = type == "TimerCreated" ? "TaskScheduled" : "TimerCreated";
            row["Name"] = "Another";
            row["FireAt"] = "2026-11-21T04:00:00Z";
        };
    }

    private async Task<ReplayVerdict?> JudgeAsync(HubFixture fixture, Action<FakeHub>? arrange = null, TestHost? on = null)
    {
        FakeHub hub = new(fixture);
        arrange?.Invoke(hub);
        List<ReplayVerdict> verdicts = [];
        await foreach (ReplayVerdict verdict in new AzureReplay((on ?? host).Services.GetRequiredService<TaskHubHost>(), Version1, hub).CheckAsync(CancellationToken.None))
            verdicts.Add(verdict);
        return verdicts.SingleOrDefault();
    }

    /// <summary>A hub with one instance.</summary>
    private sealed class FakeHub(HubFixture fixture) : IAzureTaskHub
    {
        /// <summary>What each reading of the history finds, before the last.</summary>
        public List<HubFixture> Reads { get; set; } = [];

        public Func<HubFixture, HubFixture?> Now { get; set; } = fixture => fixture;

        public async IAsyncEnumerable<IReadOnlyDictionary<string, JsonElement>> ListLiveAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.Yield();
            yield return fixture.Plain();
        }

        public Task<IReadOnlyDictionary<string, JsonElement>?> FindInstanceAsync(string partition, CancellationToken cancellation) => Task.FromResult(Now(fixture)?.Plain());

        public Task<IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>> ReadHistoryAsync(string partition, CancellationToken cancellation)
        {
            HubFixture found = Reads.Count > 0 ? Reads[0] : fixture;
            if (Reads.Count > 0)
                Reads.RemoveAt(0);
            return Task.FromResult(found.PlainRows());
        }

        public Task<string?> ReadLargeAsync(string blob, CancellationToken cancellation) =>
            Task.FromResult(blob.StartsWith("hub-large/", StringComparison.Ordinal) ? $"\"{new string('b', 40_000)}\"" : null);
    }

    private static class Changed
    {
        [Function(nameof(TransferOrchestration))]
        public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync("AskNicely");
            await context.WaitForExternalEvent<string>("never");
        }
    }
}
