using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Functions.Activities;

/// <summary>What came of asking for a slot.</summary>
public enum SlotAnswer { Taken, Full, Cancelled, Ended, TooLate }

/// <summary>Takes one of the fleet's slots for a running transfer. Safe to repeat: a holder is told yes again.</summary>
public sealed class TakeSlot(ICatalogue catalogue, IJobFolders jobs, TransferLimits limits, TimeProvider clock)
{
    [Function(nameof(TakeSlot))]
    public async Task<SlotAnswer> RunAsync([ActivityTrigger] OperationKey key, CancellationToken cancellation)
    {
        if (await jobs.IsCancelRequestedAsync(key.InstanceId, cancellation))
            return SlotAnswer.Cancelled;
        if (await catalogue.FindOperationAsync(key, cancellation) is { Status: OperationStatus.Pending, StartBefore: { } limit } && clock.GetUtcNow() >= limit)
            return SlotAnswer.TooLate;
        try
        {
            return await catalogue.TryTakeSlotAsync(key, limits.RunningTransfers, cancellation) ? SlotAnswer.Taken : SlotAnswer.Full;
        }
        catch (OperationTerminalException)
        {
            return SlotAnswer.Ended;
        }
    }
}
