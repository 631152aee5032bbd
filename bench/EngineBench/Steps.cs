using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.Bench;

/// <summary>The orchestrations that are measured: chains of activities that do nothing.</summary>
internal static class Steps
{
    [Function(nameof(Three))]
    public static Task<int> Three([OrchestrationTrigger] TaskOrchestrationContext context) => ChainAsync(context, 3);

    [Function(nameof(Five))]
    public static Task<int> Five([OrchestrationTrigger] TaskOrchestrationContext context) => ChainAsync(context, 5);

    [Function(nameof(AddOne))]
    public static int AddOne([ActivityTrigger] int number) => number + 1;

    private static async Task<int> ChainAsync(TaskOrchestrationContext context, int steps)
    {
        int number = 0;
        for (int i = 0; i < steps; i++)
            number = await context.CallActivityAsync<int>(nameof(AddOne), number);
        return number == steps ? number : throw new InvalidOperationException($"{number} is not {steps}.");
    }
}
