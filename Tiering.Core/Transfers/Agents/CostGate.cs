using Tiering.Core.Costs;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;

namespace Tiering.Core.Transfers.Agents;

/// <summary>Ends a COOL that is not worth its cost, before anything at the destination is touched.</summary>
public static class CostGate
{
    /// <param name="session">Its manifest is complete.</param>
    /// <param name="proof">How contents are going to be compared.</param>
    /// <param name="blockBytes">In what pieces files are going to be copied; null for AzCopy's own choice.</param>
    /// <param name="now">When it would begin.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="TransferFailedException">It costs more than it saves within the horizon that the job names.</exception>
    public static async Task CheckAsync(TransferSession session, Proof proof, long? blockBytes, DateTimeOffset now, CancellationToken cancellation)
    {
        TransferJob job = session.Job;
        if (job.CostVeto is not { } veto || session.Checkpoint.DestinationTouched)
            return;
        TransferSurvey survey = new(job.Source.Kind, job.Destination.Kind, veto.Prices.Cool.For(job.Destination.Kind).MinimumObjectBytes, blockBytes);
        await foreach (InventoryEntry entry in session.ReadManifest(cancellation))
            survey.Add(entry);
        CostEstimate cost = CostModel.Cool(
            survey,
            job.Source.Kind,
            job.Destination.Kind,
            proof,
            veto.Prices,
            DateOnly.FromDateTime(now.UtcDateTime),
            replaced: await FindReplacedAsync(session, veto, now, cancellation));
        if (CostModel.FindVeto(cost, veto.Months) is { } dear)
            throw new TransferFailedException(dear.Code, dear.Message);
    }

    /// <summary>What lies at the destination, looked at only where it has not lain there long enough.</summary>
    private static async Task<ReplacedData?> FindReplacedAsync(TransferSession session, CostVeto veto, DateTimeOffset now, CancellationToken cancellation)
    {
        StorePrices prices = veto.Prices.Cool.For(session.Job.Destination.Kind);
        return ReplacedData.DaysSince(veto.CooledAt, now) is { } days && days < prices.EarlyDeletionDays
            ? await ReplacedData.OfAsync(Presence.Of(session.List(session.Destination, cancellation), cancellation), prices, days)
            : null;
    }
}
