using System.Globalization;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.Chaos;

/// <summary>Orchestrations whose results are known beforehand, however often the process is killed under them.</summary>
public static class Workload
{
    private static readonly TaskOptions Retries = new(new RetryPolicy(100, TimeSpan.FromMilliseconds(20)));

    /// <summary>What <see cref="Root"/> returns for this number.</summary>
    public static string Expect(int number) => string.Join(' ', Enumerable.Range(0, 3).Select(generation => Expect(number, generation)));

    [Function(nameof(Root))]
    public static async Task<string> Root([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        Progress progress = context.GetInput<Progress>()!;
        int[] squares = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => context.CallActivityAsync<int>(nameof(Square), progress.Number + i, Retries)));
        await context.CreateTimer(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        int child = await context.CallSubOrchestratorAsync<int>(nameof(Child), squares.Sum());
        string text = $"{progress.Text} {Word(progress.Number, progress.Generation, child)}".Trim();
        context.SetCustomStatus(progress.Generation);
        if (progress.Generation < 2)
            context.ContinueAsNew(progress with { Generation = progress.Generation + 1, Text = text });
        return text;
    }

    [Function(nameof(Child))]
    public static async Task<int> Child([OrchestrationTrigger] TaskOrchestrationContext context, int number) =>
        await context.CallActivityAsync<int>(nameof(AddOne), number, Retries);

    [Function(nameof(Square))]
    public static async Task<int> Square([ActivityTrigger] int number)
    {
        await Task.Delay(number % 7);
        return Random.Shared.Next(10) == 0 ? throw new IOException("bad luck") : number * number;
    }

    [Function(nameof(AddOne))]
    public static int AddOne([ActivityTrigger] int number) => number + 1;

    private static string Expect(int number, int generation) =>
        Word(number, generation, Enumerable.Range(0, 4).Sum(i => (number + i) * (number + i)) + 1);

    private static string Word(int number, int generation, int sum) => string.Create(CultureInfo.InvariantCulture, $"{number}:{generation}={sum}");

    public sealed record Progress(int Number, int Generation, string Text);
}
