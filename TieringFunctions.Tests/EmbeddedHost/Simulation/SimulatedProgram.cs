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

    /// <summary>What a program must return, word by word.</summary>
    public IEnumerable<ExpectedWord> Expect(string id)
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

    private static ExpectedWord Expect(Instruction step, string key) => step.Act switch
    {
        Act.Activity or Act.FailsFirst => new([$"done:{key}"]),
        Act.FanOut => new([string.Join('+', Enumerable.Range(0, step.Count).Select(i => $"done:{key}#{i}"))]),
        Act.FailsAlways or Act.FailingChild => new([$"!{typeof(InvalidOperationException).FullName}"]),
        Act.Timer => new(["waited"]),
        Act.Event => new([$"event:{key}"]),
        Act.EventOrTimeout => new([$"event:{key}", "late"]),
        Act.Race => new([$"event:{key}", $"done:{key}"]),
        Act.Child => new([]) { Child = [.. step.Child!.Expect($"{key}:child")] },
        _ => new(["told"]),
    };
}

/// <summary>One word of a result: one of the options, or the words of a child in brackets.</summary>
internal sealed record ExpectedWord(string[] Options)
{
    public IReadOnlyList<ExpectedWord>? Child { get; init; }

    /// <summary>Whether a text is these words, in time that grows with their number only.</summary>
    public static bool Matches(ReadOnlySpan<char> text, IReadOnlyList<ExpectedWord> words) => Take(ref text, words) && text.IsEmpty;

    private static bool Take(ref ReadOnlySpan<char> text, IReadOnlyList<ExpectedWord> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if ((i > 0 && !Take(ref text, " ")) || !words[i].Take(ref text))
                return false;
        }
        return true;
    }

    private static bool Take(ref ReadOnlySpan<char> text, string part)
    {
        if (!text.StartsWith(part, StringComparison.Ordinal))
            return false;
        text = text[part.Length..];
        return true;
    }

    private bool Take(ref ReadOnlySpan<char> text)
    {
        if (Child is not null)
            return Take(ref text, "(") && Take(ref text, Child) && Take(ref text, ")");
        int length = text.IndexOfAny(' ', ')');
        string word = (length < 0 ? text : text[..length]).ToString();
        return Options.Contains(word) && Take(ref text, word);
    }
}

/// <param name="Program">What it runs.</param>
/// <param name="Generation">How often it has continued as new.</param>
/// <param name="Words">What it has so far.</param>
/// <param name="Fails">Whether it fails at its end.</param>
internal sealed record SimulatedState(SimulatedProgram Program, int Generation, IReadOnlyList<string> Words, bool Fails);

/// <param name="Key">Unique in the whole simulation.</param>
/// <param name="Failures">How many attempts fail first.</param>
internal sealed record SimulatedWork(string Key, int Failures);
