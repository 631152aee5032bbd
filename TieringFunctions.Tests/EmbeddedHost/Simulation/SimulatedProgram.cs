using Tiering.EmbeddedHost.Durable;

namespace Tiering.Tests.EmbeddedHost.Simulation;

internal enum Act
{
    Activity,
    FanOut,
    FailsFirst,
    FailsAlways,
    Timer,
    Event,
    EventOrTimeout,
    Child,
    FailingChild,
    Status,
    Race,
}

/// <summary>One step of a generated orchestration.</summary>
/// <param name="Act">What it does.</param>
/// <param name="Count">How many, or how long in seconds.</param>
/// <param name="Child">The program of a child.</param>
internal sealed record Instruction(Act Act, int Count = 0, SimulatedProgram? Child = null);

/// <summary>A generated orchestration: its steps, run so many times by continuing as new.</summary>
internal sealed record SimulatedProgram(IReadOnlyList<Instruction> Steps, int Generations)
{
    private static readonly TaskOptions Retries = TaskOptions.FromRetryPolicy(new RetryPolicy(4, TimeSpan.FromSeconds(5), 2));

    public static SimulatedProgram Generate(Random random, int depth = 0)
    {
        Act[] acts = depth < 2 ? Enum.GetValues<Act>() : [Act.Activity, Act.FanOut, Act.FailsFirst, Act.Timer, Act.Event, Act.Race];
        return new(
            [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => acts[random.Next(acts.Length)]).Select(act => new Instruction(
                act,
                random.Next(1, 4),
                act is Act.Child or Act.FailingChild ? Generate(random, depth + 1) : null))],
            random.Next(4) == 0 ? random.Next(2, 4) : 1);
    }

    /// <summary>Runs a program, and returns a word for each of its steps.</summary>
    public static async Task<string> RunAsync(TaskOrchestrationContext context)
    {
        SimulatedState state = context.GetInput<SimulatedState>()!;
        List<string> words = [.. state.Words];
        for (int i = 0; i < state.Program.Steps.Count; i++)
            words.Add(await RunAsync(context, state.Program.Steps[i], $"{context.InstanceId}/{state.Generation}/{i}"));
        if (state.Generation + 1 < state.Program.Generations)
            context.ContinueAsNew(state with { Generation = state.Generation + 1, Words = words });
        if (state.Fails)
            throw new InvalidOperationException(string.Join(' ', words));
        return string.Join(' ', words);
    }

    /// <summary>What a program must return: for each word, all that it may be.</summary>
    public IEnumerable<string[]> Expect(string id)
    {
        for (int generation = 0; generation < Generations; generation++)
        {
            for (int i = 0; i < Steps.Count; i++)
                yield return Expect(Steps[i], $"{id}/{generation}/{i}");
        }
    }

    /// <summary>The events that it waits for: on which instance, by which name.</summary>
    public IEnumerable<(string Instance, string Name)> Events(string id, bool fails = false)
    {
        for (int generation = 0; generation < (fails ? 1 : Generations); generation++) // to continue as new and then to throw is to fail
        {
            for (int i = 0; i < Steps.Count; i++)
            {
                string key = $"{id}/{generation}/{i}";
                if (Steps[i].Act is Act.Event or Act.EventOrTimeout or Act.Race)
                    yield return (id, key);
                foreach ((string Instance, string Name) item in Steps[i].Child?.Events($"{key}:child", Steps[i].Act == Act.FailingChild) ?? [])
                    yield return item;
            }
        }
    }

    private static async Task<string> RunAsync(TaskOrchestrationContext context, Instruction step, string key)
    {
        switch (step.Act)
        {
            case Act.Activity:
                return await context.CallActivityAsync<string>("work", new SimulatedWork(key, 0));
            case Act.FanOut:
                return string.Join('+', await Task.WhenAll(Enumerable.Range(0, step.Count).Select(
                    i => context.CallActivityAsync<string>("work", new SimulatedWork($"{key}#{i}", 0)))));
            case Act.FailsFirst:
                return await context.CallActivityAsync<string>("work", new SimulatedWork(key, step.Count), Retries);
            case Act.FailsAlways:
                return await CatchAsync(context.CallActivityAsync<string>("work", new SimulatedWork(key, int.MaxValue), Retries));
            case Act.Timer:
                DateTime before = context.CurrentUtcDateTime;
                await context.CreateTimer(TimeSpan.FromSeconds(step.Count), CancellationToken.None);
                return context.CurrentUtcDateTime - before >= TimeSpan.FromSeconds(step.Count) ? "waited" : "early";
            case Act.Event:
                return await context.WaitForExternalEvent<string>(key);
            case Act.EventOrTimeout:
                try
                {
                    return await context.WaitForExternalEvent<string>(key, TimeSpan.FromSeconds(step.Count));
                }
                catch (TaskCanceledException)
                {
                    return "late";
                }

            case Act.Race:
                Task<string> work = context.CallActivityAsync<string>("work", new SimulatedWork(key, 0));
                Task<string> wait = context.WaitForExternalEvent<string>(key);
                return await await Task.WhenAny(work, wait);
            case Act.Child or Act.FailingChild:
                SimulatedState child = new(step.Child!, 0, [], step.Act == Act.FailingChild);
                return await CatchAsync(context.CallSubOrchestratorAsync<string>("program", child, new SubOrchestrationOptions(instanceId: $"{key}:child")));
            default:
                context.SetCustomStatus(key);
                return "told";
        }
    }

    private static async Task<string> CatchAsync(Task<string> call)
    {
        try
        {
            return $"({await call})";
        }
        catch (TaskFailedException failed)
        {
            return $"!{failed.FailureDetails.ErrorType}";
        }
    }

    private static string[] Expect(Instruction step, string key) => step.Act switch
    {
        Act.Activity or Act.FailsFirst => [$"done:{key}"],
        Act.FanOut => [string.Join('+', Enumerable.Range(0, step.Count).Select(i => $"done:{key}#{i}"))],
        Act.FailsAlways or Act.FailingChild => [$"!{typeof(InvalidOperationException).FullName}"],
        Act.Timer => ["waited"],
        Act.Event => [$"event:{key}"],
        Act.EventOrTimeout => [$"event:{key}", "late"],
        Act.Race => [$"event:{key}", $"done:{key}"],
        Act.Child => Combine([.. step.Child!.Expect($"{key}:child")]),
        _ => ["told"],
    };

    private static string[] Combine(string[][] words) => [.. words
        .Aggregate<string[], IEnumerable<string>>([""], (texts, options) => texts.SelectMany(text => options.Select(option => text.Length == 0 ? option : $"{text} {option}")))
        .Select(text => $"({text})")];
}

/// <param name="Program">What it runs.</param>
/// <param name="Generation">How often it has continued as new.</param>
/// <param name="Words">What it has so far.</param>
/// <param name="Fails">Whether it fails at its end.</param>
internal sealed record SimulatedState(SimulatedProgram Program, int Generation, IReadOnlyList<string> Words, bool Fails);

/// <param name="Key">Unique in the whole simulation.</param>
/// <param name="Failures">How many attempts fail first.</param>
internal sealed record SimulatedWork(string Key, int Failures);
