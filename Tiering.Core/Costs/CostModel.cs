using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;

namespace Tiering.Core.Costs;

/// <summary>Turns a survey and prices into a cost. Pure: no clock, storage or logging.</summary>
public static class CostModel
{
    /// <summary>A COOL that costs less than this within the horizon is never refused: an empty project costs a few listings.</summary>
    public const decimal LeastVetoed = 0.01m;

    private const decimal BytesPerGiB = 1L << 30;
    private const decimal DaysPerMonth = 365m / 12;

    /// <param name="survey">What moves.</param>
    /// <param name="hot">The kind of store that holds HOT.</param>
    /// <param name="cool">The kind of store that holds COOL.</param>
    /// <param name="proof">What is read to compare contents.</param>
    /// <param name="prices">What it costs.</param>
    /// <param name="today">Break-even counts from here.</param>
    /// <param name="back">What bringing it back would mean; null when nobody asks.</param>
    /// <param name="replaced">What lies at COOL and is replaced or removed; null for nothing.</param>
    public static CostEstimate Cool(
        TransferSurvey survey, LocationKind hot, LocationKind cool, Proof proof, PriceTable prices, DateOnly today, WayBack? back = null, ReplacedData? replaced = null)
    {
        (StorePrices from, StorePrices to) = (prices.Hot.For(hot), prices.Cool.For(cool));
        decimal proofGiB = survey.ProofBytes(proof) / BytesPerGiB;
        CostEstimate estimate = Monthly(survey, from, to, prices,
        [
            CostLine.Requests("cool-writes", survey.DestinationWrites, to.WritesPer10000),
            CostLine.Requests("cool-reads", survey.DestinationReads, to.ReadsPer10000),
            CostLine.Requests("hot-reads", survey.SourceReads, from.ReadsPer10000),
            CostLine.Requests("hot-lists", survey.SourceLists, from.ListsPer10000),
            CostLine.Requests("cool-lists", survey.DestinationLists, to.ListsPer10000),
            CostLine.Requests("proof-hot-reads", survey.ProofReads(proof), from.ReadsPer10000),
            CostLine.Requests("proof-cool-reads", survey.ProofReads(proof), to.ReadsPer10000),
            CostLine.GiB("proof-hot-retrieval", proofGiB, from.RetrievalPerGiB),
            CostLine.GiB("proof-cool-retrieval", proofGiB, to.RetrievalPerGiB),
            CostLine.GiB("early-deletion", (replaced?.BilledBytes ?? 0) / BytesPerGiB, EarlyPerGiB(to, replaced?.Days ?? to.EarlyDeletionDays)),
        ]);
        return estimate with
        {
            BreakEven = BreakEven(estimate, today),
            EarlyDeletion = Early(survey, to, days: 0),
            Return = back is null ? null : Restore(back.Survey, hot, cool, back.Proof, prices, days: null).Once,
        };
    }

    /// <param name="survey">What moves.</param>
    /// <param name="hot">The kind of store that holds HOT.</param>
    /// <param name="cool">The kind of store that holds COOL.</param>
    /// <param name="proof">What is read to compare contents.</param>
    /// <param name="prices">What it costs.</param>
    /// <param name="days">How many whole days the data has lain at COOL; null when that is not known: then as long as early deletion counts.</param>
    public static CostEstimate Restore(TransferSurvey survey, LocationKind hot, LocationKind cool, Proof proof, PriceTable prices, int? days)
    {
        (StorePrices to, StorePrices from) = (prices.Hot.For(hot), prices.Cool.For(cool));
        decimal proofGiB = survey.ProofBytes(proof) / BytesPerGiB;
        return Monthly(survey, to, from, prices,
        [
            CostLine.Requests("cool-reads", survey.SourceReads, from.ReadsPer10000),
            CostLine.GiB("cool-retrieval", survey.Size.Bytes / BytesPerGiB, from.RetrievalPerGiB),
            CostLine.Requests("hot-writes", survey.DestinationWrites, to.WritesPer10000),
            CostLine.Requests("hot-reads", survey.DestinationReads, to.ReadsPer10000),
            CostLine.Requests("cool-lists", survey.SourceLists, from.ListsPer10000),
            CostLine.Requests("hot-lists", survey.DestinationLists, to.ListsPer10000),
            CostLine.Requests("proof-cool-reads", survey.ProofReads(proof), from.ReadsPer10000),
            CostLine.Requests("proof-hot-reads", survey.ProofReads(proof), to.ReadsPer10000),
            CostLine.GiB("proof-cool-retrieval", proofGiB, from.RetrievalPerGiB),
            CostLine.GiB("proof-hot-retrieval", proofGiB, to.RetrievalPerGiB),
        ]) with
        { EarlyDeletion = Early(survey, from, days ?? from.EarlyDeletionDays) };
    }

    /// <summary>Why a COOL is not worth its cost; null when it is: within the horizon it saves at least what it costs, or it costs next to nothing.</summary>
    public static OperationError? FindVeto(CostEstimate estimate, int horizonMonths)
    {
        decimal saved = estimate.SavedPerMonth * horizonMonths;
        decimal costs = estimate.Once + Math.Max(0, -saved);
        if (saved >= estimate.Once || costs < LeastVetoed)
            return null;
        string effect = saved switch
        {
            > 0 => $" and saves {Money(saved)} within {horizonMonths} {(horizonMonths == 1 ? "month" : "months")}",
            0 => " and saves nothing",
            _ => $", saves nothing, and costs {Money(-estimate.SavedPerMonth)} more each month",
        };
        return new OperationError("not-worth-cooling", $"Cooling costs {Money(estimate.Once)}{effect}.");

        string Money(decimal amount) => $"{Amounts.Text(amount)} {estimate.Currency}";
    }

    private static CostEstimate Monthly(TransferSurvey survey, StorePrices hot, StorePrices cool, PriceTable prices, IReadOnlyList<CostLine> lines) => new(
        prices.Region,
        prices.Currency,
        prices.Date,
        [.. lines.Where(line => line.Amount != 0)],
        survey.Size.Bytes / BytesPerGiB * hot.CapacityPerGiBMonth,
        survey.BilledBytes / BytesPerGiB * cool.CapacityPerGiBMonth);

    private static decimal Early(TransferSurvey survey, StorePrices cool, int days) => survey.BilledBytes / BytesPerGiB * EarlyPerGiB(cool, days);

    /// <summary>What is left of the least time that is billed.</summary>
    private static decimal EarlyPerGiB(StorePrices cool, int days) => cool.CapacityPerGiBMonth * Math.Max(0, cool.EarlyDeletionDays - days) / DaysPerMonth;

    private static DateOnly? BreakEven(CostEstimate estimate, DateOnly today)
    {
        if (estimate.SavedPerMonth <= 0)
            return estimate.Once <= 0 && estimate.SavedPerMonth == 0 ? today : null;
        decimal days = Math.Ceiling(estimate.Once / estimate.SavedPerMonth * DaysPerMonth);
        return days <= DateOnly.MaxValue.DayNumber - today.DayNumber ? today.AddDays((int)days) : null;
    }
}

/// <summary>The RESTORE that would follow a COOL one day.</summary>
/// <param name="Survey">The same data the other way.</param>
/// <param name="Proof">How it would be proved.</param>
public sealed record WayBack(TransferSurvey Survey, Proof Proof);
