using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.Tests.EmbeddedHost.Histories;

namespace Tiering.Tests.EmbeddedHost.AzureHubs;

/// <summary>The orchestrators behind the rows of the original engine's own events. Recorded: they must not change, new ones may come.</summary>
internal static class HubPrograms
{
    [Function(nameof(HubCalls))]
    public static async Task<string> HubCalls([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string done = await context.CallActivityAsync<string>("HubEcho", "a");
        context.SetCustomStatus("called");
        TaskOptions twice = TaskOptions.FromRetryPolicy(new RetryPolicy(2, TimeSpan.FromMilliseconds(1)));
        string failed = await GoldenPrograms.FailureOf(context.CallActivityAsync("HubBreaks", "b", twice));
        string child = await context.CallSubOrchestratorAsync<string>(nameof(HubChild), "c");
        string broken = await GoldenPrograms.FailureOf(context.CallSubOrchestratorAsync(nameof(HubBrokenChild), options: twice));
        await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        context.SendEvent("hub-waits", "sent", "s");
        using CancellationTokenSource enough = new();
        Task timer = context.CreateTimer(TimeSpan.FromDays(7), enough.Token);
        Task<string> told = context.WaitForExternalEvent<string>("go");
        await Task.WhenAny(timer, told);
        enough.Cancel();
        string[] both = await Task.WhenAll(context.CallActivityAsync<string>("HubEcho", await told), context.CallActivityAsync<string>("HubEcho", context.NewGuid()));
        await context.CallSubOrchestratorAsync<string>(nameof(HubChild), "named", new SubOrchestrationOptions(instanceId: context.NewGuid().ToString("N")));
        return $"{done} {failed} {child} {broken} {string.Join(' ', both)}";
    }

    [Function(nameof(HubWaits))]
    public static async Task<string> HubWaits([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await context.WaitForExternalEvent<string>("go") + await context.WaitForExternalEvent<string>("go");

    [Function(nameof(HubContinues))]
    public static async Task HubContinues([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        int generation = context.GetInput<int>();
        await context.CallActivityAsync<string>("HubEcho", "g");
        if (generation == 0)
        {
            for (int i = 0; i < 3; i++)
                await context.CallActivityAsync<string>("HubEcho", "g");
            context.ContinueAsNew(1);
            return;
        }
        await context.WaitForExternalEvent<string>("go");
    }

    [Function(nameof(HubLarge))]
    public static async Task<string> HubLarge([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string large = await context.CallActivityAsync<string>("HubLarge", "x");
        await context.CallActivityAsync<string>(large.Length > 30_000 ? "HubEcho" : "HubBreaks", "x");
        return await context.WaitForExternalEvent<string>("go");
    }

    [Function(nameof(HubChild))]
    public static async Task<string> HubChild([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string echo = await context.CallActivityAsync<string>("HubEcho", context.GetInput<string>());
        await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        return $"{echo} of {context.Parent?.Name}";
    }

    [Function(nameof(HubBrokenChild))]
    public static void HubBrokenChild([OrchestrationTrigger] TaskOrchestrationContext context) => throw new InvalidOperationException("child broken");
}
