using System.Collections.Concurrent;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>What goes wrong in tests of faults. Several tests run it at once: what it remembers, it remembers by a key of the run.</summary>
internal static class FaultPrograms
{
    private static readonly ConcurrentQueue<Call> Calls = [];
    private static readonly ConcurrentDictionary<string, bool> Repaired = new();

    /// <summary>What <see cref="Changes"/> calls.</summary>
    public static string Variant { get; set; } = "Echo";

    /// <summary>From now on, the second call of this key succeeds.</summary>
    public static void Repair(string key) => Repaired[key] = true;

    /// <summary>What was called with this key, in order.</summary>
    public static IEnumerable<string> CallsOf(string key) => Calls.Where(call => call.Key == key).Select(call => call.Name);

    [Function(nameof(Echo))]
    public static Task<string> Echo([OrchestrationTrigger] TaskOrchestrationContext context, string text) =>
        context.CallActivityAsync<string>(nameof(EchoActivity), text);

    [Function(nameof(WaitsForGate))]
    public static Task<string> WaitsForGate([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<string>(nameof(GateActivity));

    [Function(nameof(WaitsForEvent))]
    public static Task<string> WaitsForEvent([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<string>("go");

    [Function(nameof(EchoThenWaits))]
    public static async Task<string> EchoThenWaits([OrchestrationTrigger] TaskOrchestrationContext context, string text) =>
        await context.CallActivityAsync<string>(nameof(EchoActivity), text) + await context.WaitForExternalEvent<string>("go");

    [Function(nameof(NeverBlocks))]
    public static string NeverBlocks([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        Endless.Wait();
        return "ended";
    }

    [Function(nameof(CallsHanging))]
    public static async Task<string> CallsHanging([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            await context.CallActivityAsync(nameof(HangActivity), context.InstanceId, new TaskOptions(new RetryPolicy(2, TimeSpan.FromMilliseconds(1))));
            return "";
        }
        catch (TaskFailedException failed)
        {
            return $"{failed.FailureDetails.ErrorType} after {CallsOf(context.InstanceId).Count()}";
        }
    }

    [Function(nameof(CallsLarge))]
    public static async Task<string> CallsLarge([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            return await context.CallActivityAsync<string>(nameof(LargeActivity));
        }
        catch (TaskFailedException failed)
        {
            return failed.Message;
        }
    }

    [Function(nameof(AsksWithoutEnd))]
    public static void AsksWithoutEnd([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        while (true)
            context.SendEvent("nobody", "x", 1);
    }

    [Function(nameof(Changes))]
    public static async Task<string> Changes([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CallActivityAsync(Variant + "Activity", "x");
        return await context.WaitForExternalEvent<string>("go");
    }

    [Function(nameof(SecondFails))]
    public static async Task<string> SecondFails([OrchestrationTrigger] TaskOrchestrationContext context, string key) =>
        await context.CallActivityAsync<string>(nameof(CountedActivity), new Call(key, "first")) + " "
            + await context.CallActivityAsync<string>(nameof(CountedActivity), new Call(key, "second"));

    [Function(nameof(TwoTimers))]
    public static async Task<DateTime[]> TwoTimers([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        DateTime first = context.CurrentUtcDateTime;
        await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
        DateTime second = context.CurrentUtcDateTime;
        await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
        return [first, second, context.CurrentUtcDateTime];
    }

    [Function(nameof(EchoActivity))]
    public static string EchoActivity([ActivityTrigger] string text) => text;

    [Function(nameof(OtherActivity))]
    public static string OtherActivity([ActivityTrigger] string text) => text;

    [Function(nameof(GateActivity))]
    public static async Task<string> GateActivity([ActivityTrigger] object? input)
    {
        await Gate.PassAsync();
        return "through";
    }

    [Function(nameof(HangActivity))]
    public static async Task HangActivity([ActivityTrigger] string instance)
    {
        Calls.Enqueue(new Call(instance, "hang"));
        await new TaskCompletionSource().Task; // it does not even look at its cancellation token
    }

    [Function(nameof(LargeActivity))]
    public static string LargeActivity([ActivityTrigger] object? input) => new('x', 5_000);

    [Function(nameof(CountedActivity))]
    public static string CountedActivity([ActivityTrigger] Call call)
    {
        Calls.Enqueue(call);
        return call.Name == "second" && !Repaired.ContainsKey(call.Key) ? throw new InvalidOperationException("broken") : call.Name;
    }

    /// <summary>A computation that ends when the test says so.</summary>
    public static class Endless
    {
        private static ManualResetEventSlim? end;
        private static volatile bool awaited;

        /// <summary>Whether it waits, or has waited, since it was armed.</summary>
        public static bool IsAwaited => awaited;

        public static ManualResetEventSlim Arm()
        {
            awaited = false;
            return end = new(initialState: false);
        }

        public static void Wait()
        {
            awaited = true;
            end!.Wait(Eventually.Limit);
        }
    }

    /// <summary>Holds an activity until a test lets it go.</summary>
    public static class Gate
    {
        private static TaskCompletionSource entered = new();
        private static TaskCompletionSource open = new();

        public static void Reset()
        {
            entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public static Task Entered() => entered.Task.WaitAsync(Eventually.Limit);

        public static void Open() => open.SetResult();

        public static async Task PassAsync()
        {
            entered.TrySetResult();
            await open.Task;
        }
    }

    /// <param name="Key">Of the run.</param>
    /// <param name="Name">Of what is called.</param>
    public sealed record Call(string Key, string Name);
}
