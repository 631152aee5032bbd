using System.Collections.Concurrent;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Plans;
using Tiering.EmbeddedHost;
using Tiering.Functions.Activities;
using Tiering.Functions.Nights;
using Tiering.Functions.Orchestrations;

namespace Tiering.Tests.EmbeddedHost.Histories;

/// <summary>
/// The app's activities as its orchestrations see them, with nothing behind them. The project <c>moving</c> never arrives, the night of
/// <see cref="LongNight"/> does not end, and the message <see cref="Undelivered"/> is not taken.
/// </summary>
internal static class SubstituteActivities
{
    public const long Undelivered = 1;

    private static readonly ConcurrentDictionary<string, int> Calls = new();

    public static DateOnly LongNight => new(2026, 11, 29);

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

    [Function(nameof(MakePlan))]
    public static PlanResult Plan([ActivityTrigger] PlanInput input) =>
        new(new TransferPlan(input.Request.Key.Project, input.Request.Key.Type, DateTimeOffset.UnixEpoch, LocationKind.Share, LocationKind.Blob), Error: null);

    [Function(nameof(DeliverResult))]
    public static DateTimeOffset? Deliver([ActivityTrigger] DeliveryState message) => message.Sequence == Undelivered ? new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) : null;

    [Function(nameof(OpenNight))]
    public static Night Open([ActivityTrigger] NightWindow window) => new(window.Date, window.OpensAt, window.ClosesAt, NightStatus.Running)
    {
        Items =
        [
            new NightItem(ProjectSlug.Parse("first"), new Guid("11111111-2222-3333-4444-555555555556"), NightItemStatus.Selected),
            new NightItem(ProjectSlug.Parse("asked-for"), new Guid("11111111-2222-3333-4444-555555555557"), NightItemStatus.Accepted),
            new NightItem(ProjectSlug.Parse("second"), new Guid("11111111-2222-3333-4444-555555555558"), NightItemStatus.Selected),
        ],
    };

    [Function(nameof(CoolAtNight))]
    public static void CoolOne([ActivityTrigger] NightCall call)
    {
        if (call.Night.Date != LongNight && Count("cool at night") == 1)
            throw new TimeoutException("The catalogue did not answer.");
    }

    [Function(nameof(SettleNight))]
    public static bool Settle([ActivityTrigger] DateOnly date) => date != LongNight;

    private static int Count(string what) => Calls.AddOrUpdate(what, 1, (_, before) => before + 1);
}
