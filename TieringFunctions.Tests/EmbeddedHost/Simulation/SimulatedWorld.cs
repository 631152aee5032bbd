using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.EmbeddedHost.Storage;

namespace Tiering.Tests.EmbeddedHost.Simulation;

/// <summary>One simulated life of a task hub: everything happens on one thread, in an order that the seed decides.</summary>
internal sealed class SimulatedWorld : SynchronizationContext, IWorkScheduler, IActivityRunner
{
    private const int MostTurns = 200_000;
    private static readonly DateTimeOffset Birth = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Random random;
    private readonly ManualClock clock = new(Birth);
    private readonly SimulatedStore store = new();
    private readonly List<Action> work = [];
    private readonly List<(ActivityCall Call, TaskCompletionSource<string?> End)> running = [];
    private readonly Dictionary<string, int> attempts = [];
    private readonly Dictionary<long, (int Generation, List<byte[]> Rows, OrchestrationRuntimeStatus Status)> seen = [];
    private readonly List<(string Id, SimulatedProgram Program)> programs = [];
    private readonly List<Func<Task>> requests = [];
    private readonly List<Func<Task>> pending = [];
    private readonly List<string> trace = [];
    private int crashesLeft;
    private TaskHub hub;

    public SimulatedWorld(int seed)
    {
        random = new(seed);
        crashesLeft = random.Next(6);
        store.Crash = () => crashesLeft > 0 && random.Next(12) == 0 ? random.Next(2) == 0 : null;
        for (int i = 0; i < random.Next(1, 5); i++)
            programs.Add((string.Create(CultureInfo.InvariantCulture, $"p{i}"), SimulatedProgram.Generate(random)));
        hub = NewHub();
    }

    /// <summary>Lives to the end, and returns all that happened, in order.</summary>
    public IReadOnlyList<string> Live()
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            hub.Start();
            Plan();
            for (int turn = 0; Turn(); turn++)
                turn.Should().BeLessThan(MostTurns, "a simulation comes to its end");
            CheckEnd();
            return trace;
        }
        finally
        {
            SetSynchronizationContext(before);
            hub.Dispose();
        }
    }

    public void Run(Action work) => this.work.Add(work);

    public override void Post(SendOrPostCallback d, object? state) => work.Add(() => d(state));

    public bool Knows(string name) => name == "work";

    public Task<string?> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        StoredInstance owner = store.Find(call.InstanceId)!;
        owner.Should().NotBeNull("an activity runs only for an instance that is stored");
        TaskCompletionSource<string?> end = new();
        running.Add((call, end));
        return end.Task;
    }

    private TaskHub NewHub()
    {
        Payloads payloads = new(new SerializerDataConverter(new JsonObjectSerializer(new JsonSerializerOptions())), 1 << 20);
        ExecutionServices services = new(name => name == "program" ? async context => await SimulatedProgram.RunAsync(context) : null, payloads, NullLoggerFactory.Instance);
        EngineLimits limits = new()
        {
            Activities = random.Next(1, 6), Orchestrators = random.Next(1, 4), CachedInstances = random.Next(4), ActivityTimeout = Timeout.InfiniteTimeSpan,
            StepTimeout = TimeSpan.FromDays(1_000), Suspicions = 100,
        };
        return new(store, services, this, this, clock, limits, NullLogger.Instance, () => { });
    }

    /// <summary>What clients will ask for; each may be asked again when a crash leaves its answer open.</summary>
    private void Plan()
    {
        HashSet<OrchestrationRuntimeStatus> all = [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses];
        foreach ((string id, SimulatedProgram program) in programs)
        {
            string input = JsonSerializer.Serialize(new SimulatedState(program, 0, [], Fails: false));
            requests.Add(async () =>
            {
                DateTime now = clock.GetUtcNow().UtcDateTime;
                NewInstance instance = new(store.NextInstance(), id, "program", "", now, new(now, [new ExecutionStarted(input)], []));
                if (random.Next(4) == 0)
                    instance = instance with { StartAt = now.AddSeconds(random.Next(1, 30)) };
                OperationResult result = await hub.StartAsync(new(instance, all), CancellationToken.None);
                Note($"start {id}: {result.GetType().Name}");
            });
            if (random.Next(3) == 0)
                requests.Add(() => HoldAsync(id));
            foreach ((string target, string name) in program.Events(id))
                requests.Add(() => RaiseAsync(target, name));
        }
    }

    private async Task HoldAsync(string id)
    {
        OperationResult held = await hub.SendAsync(id, new ExecutionSuspended("for a while"), CancellationToken.None);
        requests.Add(async () => Note($"resume {id}: {(await hub.SendAsync(id, new ExecutionResumed("enough"), CancellationToken.None)).GetType().Name}"));
        Note($"suspend {id}: {held.GetType().Name}");
    }

    private async Task RaiseAsync(string target, string name)
    {
        OperationResult result = await hub.SendAsync(target, new EventRaised(name, JsonSerializer.Serialize($"event:{name}")), CancellationToken.None);
        if (result is Unknown)
            requests.Add(() => RaiseAsync(target, name)); // it does not exist yet
        Note($"event {name}: {result.GetType().Name}");
    }

    /// <summary>Lets one thing happen; false when there is nothing left.</summary>
    private bool Turn()
    {
        List<Action> choices = [];
        if (work.Count > 0)
            choices.AddRange([RunSomeWork, RunSomeWork, RunSomeWork]);
        if (hub.Commits.Count > 0)
            choices.AddRange([Commit, Commit]);
        if (running.Count > 0)
            choices.AddRange([EndSomeActivity, EndSomeActivity]);
        if (requests.Count > 0)
            choices.Add(Ask);
        if (choices.Count == 0 || random.Next(20) == 0)
        {
            if (NextDue() is { } due)
                choices.Add(() => PassTime(due));
            if (random.Next(50) == 0)
                choices.Add(MoveTheClock);
        }
        if (choices.Count == 0)
            return false;
        try
        {
            choices[random.Next(choices.Count)]();
        }
        catch (SimulatedCrash)
        {
            Restart();
        }
        CheckAlways();
        return true;
    }

    private void RunSomeWork()
    {
        int index = random.Next(work.Count);
        Action item = work[index];
        work.RemoveAt(index);
        item();
    }

    private void Commit()
    {
        int count = hub.Commits.Count;
        hub.Commits.CommitOnce();
        Note($"commit {count}");
    }

    private void EndSomeActivity()
    {
        int index = random.Next(running.Count);
        (ActivityCall call, TaskCompletionSource<string?> end) = running[index];
        running.RemoveAt(index);
        SimulatedWork task = JsonSerializer.Deserialize<SimulatedWork>(call.Input!)!;
        int attempt = attempts[task.Key] = attempts.GetValueOrDefault(task.Key) + 1;
        Note($"activity {task.Key} attempt {attempt}");
        if (task.Failures == int.MaxValue || attempt <= task.Failures)
            end.SetException(new InvalidOperationException(task.Key));
        else
            end.SetResult(JsonSerializer.Serialize($"done:{task.Key}"));
    }

    private void Ask()
    {
        int index = random.Next(requests.Count);
        Func<Task> request = requests[index];
        requests.RemoveAt(index);
        _ = AskAsync(request);
    }

    private async Task AskAsync(Func<Task> request)
    {
        int asked = crashesLeft;
        pending.Add(request);
        await request();
        if (asked == crashesLeft)
            pending.Remove(request);
    }

    private DateTime? NextDue() => store.ReadTimers(null, 1) is [{ } timer] ? timer.Due : null;

    private void PassTime(DateTime due)
    {
        TimeSpan wait = due - clock.GetUtcNow().UtcDateTime;
        clock.Advance(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1));
        Note("time passes");
    }

    /// <summary>Somebody sets the wall clock, forth or back.</summary>
    private void MoveTheClock()
    {
        clock.Set(clock.GetUtcNow() + TimeSpan.FromSeconds(random.Next(-120, 120)));
        Note("the clock is set");
    }

    private void Restart()
    {
        crashesLeft--;
        Note("crash");
        work.Clear();
        running.Clear();
        requests.AddRange(pending); // nobody was told: it is asked again
        pending.Clear();
        hub.Dispose();
        hub = NewHub();
        hub.Start();
    }

    private void Note(string what) => trace.Add(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():HH:mm:ss} {what}"));

    private void CheckAlways()
    {
        foreach (SimulatedStore.Row row in store.Instances)
        {
            if (seen.TryGetValue(row.Number, out var before))
            {
                if (before.Status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated)
                    row.Status.Should().Be(before.Status, "an end is final");
                row.Generation.Should().BeGreaterThanOrEqualTo(before.Generation);
                if (row.Generation == before.Generation)
                    row.History.Take(before.Rows.Count).Should().Equal(before.Rows, (a, b) => ReferenceEquals(a, b), "history only grows");
                if (row.Generation == before.Generation && row.History.Count == before.Rows.Count && row.Status == before.Status)
                    continue;
            }
            seen[row.Number] = (row.Generation, [.. row.History], row.Status);
            CheckHistory(row);
        }
    }

    private static void CheckHistory(SimulatedStore.Row row)
    {
        List<HistoryStep> steps = [.. row.History.Select(data => HistoryCodec.DecodeStep(data))];
        List<int> ended = [.. steps.SelectMany(step => step.Told).Select(item => item switch
        {
            TaskCompleted completed => completed.TaskId,
            TaskFailed failed => failed.TaskId,
            TimerFired fired => fired.TaskId,
            _ => -1,
        }).Where(id => id >= 0)];
        ended.Should().OnlyHaveUniqueItems("no effect is recorded twice");
        steps.Select(step => step.Time).Should().BeInAscendingOrder("an orchestrator's time never goes back");
    }

    private void CheckEnd()
    {
        foreach (SimulatedStore.Row row in store.Instances)
        {
            row.SetAside.Should().BeNull();
            if (!row.HasEnded)
                Assert.Fail($"Nothing is left to wait for, and {row.Id} is {row.Status}.\n{store.Describe()}\n{string.Join('\n', trace)}");
        }
        foreach ((string id, SimulatedProgram program) in programs)
        {
            StoredInstance end = store.Find(id)!;
            end.Status.Should().Be(OrchestrationRuntimeStatus.Completed, $"{id} ends well: {end.Failure}");
            string output = JsonSerializer.Deserialize<string>(end.Output!)!;
            ExpectedWord.Matches(output, [.. program.Expect(id)]).Should().BeTrue($"{id} returns what the model says, not '{output}'");
        }
    }
}
