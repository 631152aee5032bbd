using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>The orchestrators of <see cref="BehaviourTests"/>.</summary>
internal static class BehaviourPrograms
{
    [Function(nameof(Throws))]
    public static Task Throws([OrchestrationTrigger] TaskOrchestrationContext context) => throw new TimeoutException($"too late{context.Parent?.Name}");

    [Function(nameof(CatchesGeneric))]
    public static async Task<string> CatchesGeneric([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            await context.CallActivityAsync(nameof(BreaksGenerically));
            return "";
        }
        catch (TaskFailedException failure)
        {
            return $"{failure.FailureDetails.ErrorType} {failure.FailureDetails.IsCausedBy<GenericException<int>>()}";
        }
    }

    [Function(nameof(ThreeWaits))]
    public static async Task<string> ThreeWaits([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string[] answers = await Task.WhenAll(
            context.WaitForExternalEvent<string>("E"), context.WaitForExternalEvent<string>("E"), context.WaitForExternalEvent<string>("E"));
        return string.Concat(answers);
    }

    [Function(nameof(WaitsAgainAfterTimeout))]
    public static async Task<string> WaitsAgainAfterTimeout([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        using CancellationTokenSource givenUp = new();
        Task<string> abandoned = context.WaitForExternalEvent<string>("Answer", givenUp.Token);
        givenUp.Cancel();
        await context.WaitForExternalEvent<string>("Gate");
        return abandoned.IsCanceled ? await context.WaitForExternalEvent<string>("Answer") : "not cancelled";
    }

    [Function(nameof(FailsAfterRetries))]
    public static async Task<string> FailsAfterRetries([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            await context.CallActivityAsync(nameof(Breaks), null, TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(1))));
        }
        catch (TaskFailedException)
        {
            try
            {
                await context.CallActivityAsync(nameof(Breaks)); // three attempts and as many timers came before
            }
            catch (TaskFailedException failure)
            {
                return failure.Message;
            }
        }
        return "";
    }

    [Function(nameof(ContinuesAndThrows))]
    public static int ContinuesAndThrows([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        if (context.GetInput<int>() > 0)
            return 1;
        context.ContinueAsNew(1);
        throw new InvalidOperationException("after");
    }

    [Function(nameof(ContinuesTwice))]
    public static int ContinuesTwice([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        int input = context.GetInput<int>();
        if (input == 0)
        {
            context.ContinueAsNew(1);
            context.ContinueAsNew(2);
        }
        return input;
    }

    [Function(nameof(Breaks))]
    public static void Breaks([ActivityTrigger] string? input) => throw new InvalidOperationException($"broken{input}");

    [Function(nameof(BreaksGenerically))]
    public static void BreaksGenerically([ActivityTrigger] string? input) => throw new GenericException<int>($"broken{input}");

    internal sealed class GenericException<T>(string message) : Exception(message);

    [Function(nameof(CallsChild))]
    public static async Task<string> CallsChild([OrchestrationTrigger] TaskOrchestrationContext context, string child)
    {
        try
        {
            await context.CallSubOrchestratorAsync(nameof(ThreeWaits), null, new SubOrchestrationOptions((TaskRetryOptions?)null, child));
            return "";
        }
        catch (TaskFailedException failed)
        {
            return failed.FailureDetails.ErrorType;
        }
    }

    [Function(nameof(Nests))]
    public static async Task Nests([OrchestrationTrigger] TaskOrchestrationContext context, Nest nest)
    {
        if (nest.Depth > 0)
            await context.CallSubOrchestratorAsync(nameof(Nests), nest with { Depth = nest.Depth - 1 }, new SubOrchestrationOptions((TaskRetryOptions?)null, $"{nest.Name}-{nest.Depth - 1}"));
        else if (nest.Waits)
            await context.WaitForExternalEvent<object?>("never");
    }

    [Function(nameof(Wraps))]
    public static async Task Wraps([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            await context.CallActivityAsync(nameof(Breaks));
        }
        catch (TaskFailedException failed)
        {
            throw new IOException($"wrapped {failed.InnerException!.GetType().Name} {failed.InnerException.Message}", failed);
        }
    }

    public sealed record Nest(string Name, int Depth, bool Waits = false);
}
