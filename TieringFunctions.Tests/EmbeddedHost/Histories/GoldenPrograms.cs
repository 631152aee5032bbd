using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>The orchestrators behind the histories of the engine's own events. Recorded: they must not change, new ones may come.</summary>
internal static class GoldenPrograms
{
    private static TaskCompletionSource foreign = new();

    [Function(nameof(GoldenCalls))]
    public static async Task<string> GoldenCalls([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string done = await context.CallActivityAsync<string>(nameof(GoldenEcho), "a");
        context.SetCustomStatus("called");
        TaskOptions twice = TaskOptions.FromRetryPolicy(new RetryPolicy(2, TimeSpan.FromMilliseconds(1)));
        string failed = await FailureOf(context.CallActivityAsync(nameof(GoldenBreaks), "b", twice));
        string child = await context.CallSubOrchestratorAsync<string>(nameof(GoldenChild), "c");
        string broken = await FailureOf(context.CallSubOrchestratorAsync(nameof(GoldenBrokenChild)));
        await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        context.SendEvent("golden-waits", "sent", "s");
        using CancellationTokenSource enough = new();
        Task timer = context.CreateTimer(TimeSpan.FromHours(1), enough.Token);
        Task<string> told = context.WaitForExternalEvent<string>("go");
        await Task.WhenAny(timer, told);
        await enough.CancelAsync();
        context.SetCustomStatus(new { Step = "told", Value = await told });
        return $"{done} {failed} {child} {broken} {context.NewGuid()}";
    }

    [Function(nameof(GoldenWaits))]
    public static async Task<string> GoldenWaits([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await context.WaitForExternalEvent<string>("go");

    [Function(nameof(GoldenContinues))]
    public static async Task GoldenContinues([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        int generation = context.GetInput<int>();
        await context.CallActivityAsync<string>(nameof(GoldenEcho), "g");
        if (generation == 0)
            context.ContinueAsNew(1);
        else
            await context.WaitForExternalEvent<string>("go");
    }

    [Function(nameof(GoldenForeign))]
    public static async Task GoldenForeign([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await Task.WhenAny(Foreign(), context.WaitForExternalEvent<string>("go"));

    [Function(nameof(GoldenChild))]
    public static string GoldenChild([OrchestrationTrigger] TaskOrchestrationContext context) => $"{context.GetInput<string>()} of {context.Parent!.Name}";

    [Function(nameof(GoldenBrokenChild))]
    public static void GoldenBrokenChild([OrchestrationTrigger] TaskOrchestrationContext context) => throw new InvalidOperationException("child broken");

    [Function(nameof(GoldenEcho))]
    public static string GoldenEcho([ActivityTrigger] string input) => input;

    [Function(nameof(GoldenBreaks))]
    public static void GoldenBreaks([ActivityTrigger] string input) => throw new TimeoutException("broken");

    /// <summary>Ends what <see cref="GoldenForeign"/> waits for.</summary>
    public static void EndForeign() => Interlocked.Exchange(ref foreign, new TaskCompletionSource()).SetResult();

    private static async Task Foreign() => await foreign.Task;

    /// <returns>The message of the failure; empty after a success.</returns>
    internal static async Task<string> FailureOf(Task task)
    {
        try
        {
            await task;
            return "";
        }
        catch (TaskFailedException failure)
        {
            return failure.FailureDetails.ErrorMessage;
        }
    }
}
