using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>Histories that earlier versions stored are read and replayed by this one.</summary>
public sealed class GoldenHistoryTests
{
    private TestHost host = null!;

    private static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "histories");

    [OneTimeSetUp]
    public async Task StartAsync() => host = await GoldenHost.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await host.DisposeAsync();

    [Test]
    public void Stored_ByAnEarlierVersion_IsReadAndReplayedAsItWas()
    {
        string[] files = Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories);
        files.Length.Should().BeGreaterThan(10);
        foreach (string file in files)
            Replays(GoldenHistory.Read(file), Path.GetRelativePath(Folder, file));
    }

    [Test]
    public async Task Recorded_ByThisVersion_HasEveryKindOfEvent_AndReplays()
    {
        IReadOnlyDictionary<string, GoldenHistory> recorded = await GoldenHost.RecordAsync(host);
        IEnumerable<Type> kinds = typeof(HistoryEvent).Assembly.GetTypes().Where(type => type.BaseType == typeof(HistoryEvent) && type != typeof(Unreadable));
        recorded.Values.SelectMany(history => history.Steps()).SelectMany(step => step.Told.Concat(step.Done)).Select(item => item.GetType()).Distinct()
            .Should().BeEquivalentTo(kinds);
        foreach ((string name, GoldenHistory history) in recorded)
            Replays(history, name);
        if (Environment.GetEnvironmentVariable("TIERING_RECORD_HISTORIES") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            foreach ((string name, GoldenHistory history) in recorded)
                history.Write(Path.Combine(folder, $"{name}.json"));
        }
    }

    [Test]
    public void Replay_AgainstAChangedOrchestrator_NamesWhatWasExpectedAndFound()
    {
        string file = Directory.GetFiles(Folder, "transfer-midway.json", SearchOption.AllDirectories)[0];
        GoldenHistory history = GoldenHistory.Read(file);
        ExecutionServices changed = GoldenHost.Services(host) with
        {
            Orchestrators = _ => async context =>
            {
                await context.CallActivityAsync("AskNicely");
                return null;
            },
        };
        Replaying.FindMismatch(history.Instance(), history.Rows, changed)
            .Should().Contain("the history has a call of activity 'TakeSlot' (#0)").And.Contain("came to a call of activity 'AskNicely' (#0)");
    }

    private void Replays(GoldenHistory history, string name)
    {
        ExecutionServices services = GoldenHost.Services(host);
        Replaying.FindMismatch(history.Instance(), history.Rows, services).Should().BeNull(name);
        HistoryText.Of(history.Rows).Should().Equal(history.Lines, name);
        StepResult last = Replaying.Replay(history.Instance(), history.Steps(), services)[^1];
        if (last.Status is { } status)
            status.Value.Should().Be(history.CustomStatus, name);
        switch (last.Outcome)
        {
            case Succeeded succeeded:
                history.Status.Should().Be(OrchestrationRuntimeStatus.Completed, name);
                succeeded.Output.Should().Be(history.Output, name);
                break;
            case Faulted:
                history.Status.Should().Be(OrchestrationRuntimeStatus.Failed, name);
                break;
            case Ended ended:
                history.Status.Should().Be(OrchestrationRuntimeStatus.Terminated, name);
                ended.Output.Should().Be(history.Output, name);
                break;
            default:
                last.Outcome.Should().BeNull(name);
                history.Status.Should().Be(last.Suspended ? OrchestrationRuntimeStatus.Suspended : OrchestrationRuntimeStatus.Running, name);
                break;
        }
    }
}
