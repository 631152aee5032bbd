using System.Collections.Concurrent;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.EmbeddedHost;
using Tiering.Functions.Activities;
using Tiering.Functions.Orchestrations;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>The app's activities as its orchestrations see them, with nothing behind them. The project <c>moving</c> never arrives.</summary>
internal static class SubstituteActivities
{
    private static readonly ConcurrentDictionary<string, int> Calls = new();

    public static void Forget() => Calls.Clear();

    [Function(nameof(TakeSlot))]
    public static SlotAnswer Slot([ActivityTrigger] OperationKey key) => SlotAnswer.Taken;

    [Function(nameof(StartOperation))]
    public static LifecycleOperation Start([ActivityTrigger] OperationKey key) => new LifecycleOperation(key, DateTimeOffset.UnixEpoch).Start(DateTimeOffset.UnixEpoch);

    [Function(nameof(StartTransferJob))]
    public static OperationError? StartJob([ActivityTrigger] AttemptInput input) => null;

    [Function(nameof(WatchTransfer))]
    public static WatchStep Watch([ActivityTrigger] WatchInput input) =>
        input.Key.Project.Value == "moving" || Count(input.Key.InstanceId) == 1 ? WatchStep.Wait : WatchStep.Ended;

    [Function(nameof(FinishOperation))]
    public static void Finish([ActivityTrigger] FinishInput input)
    {
    }

    [Function(nameof(CheckSourceDeletion))]
    public static OperationError? Check([ActivityTrigger] DeletionState state) => null;

    [Function(nameof(RemoveSource))]
    public static RemovalStep Remove([ActivityTrigger] DeletionState state) => Count("remove") switch
    {
        1 => new(Done: false, null),
        2 => throw new TimeoutException("The store did not answer."),
        _ => new(Done: true, null),
    };

    [Function(nameof(FinishSourceDeletion))]
    public static void FinishDeletion([ActivityTrigger] DeletionEnd end)
    {
    }

    [Function(nameof(TakeBaseline))]
    public static AdoptionResult Baseline([ActivityTrigger] ProjectSlug slug) => new(new DataSize(3, 42), null);

    private static int Count(string what) => Calls.AddOrUpdate(what, 1, (_, before) => before + 1);
}
