namespace Tiering.Core.Costs;

/// <summary>What a transfer costs once, and what it changes every month. Amounts are in <see cref="Currency"/>, not rounded.</summary>
/// <param name="Region">Where the prices hold.</param>
/// <param name="Currency">Three capital letters.</param>
/// <param name="PricesOf">When the prices were looked up.</param>
/// <param name="Lines">What adds up to <see cref="Once"/>.</param>
/// <param name="HotPerMonth">What the data costs a month at HOT.</param>
/// <param name="CoolPerMonth">What it costs a month at COOL, small files with the least size that is billed.</param>
public sealed record CostEstimate(
    string Region, string Currency, DateOnly PricesOf, IReadOnlyList<CostLine> Lines, decimal HotPerMonth, decimal CoolPerMonth)
{
    /// <summary>What the transfer itself costs.</summary>
    public decimal Once => Lines.Sum(line => line.Amount);

    /// <summary>What is saved every month while the data lies at COOL alone; below zero when COOL is dearer.</summary>
    public decimal SavedPerMonth => HotPerMonth - CoolPerMonth;

    /// <summary>
    /// For a COOL: the day from which it has saved more than it cost, if HOT is deleted at once; null when that day never comes.
    /// </summary>
    public DateOnly? BreakEven { get; init; }

    /// <summary>For a COOL: what taking it away again right after it would cost on top (early deletion). For a RESTORE: what deleting COOL today would.</summary>
    public decimal EarlyDeletion { get; init; }

    /// <summary>For a COOL: what the RESTORE of everything costs one day, its proof included, early deletion aside; null when that was not reckoned.</summary>
    public decimal? Return { get; init; }
}

/// <summary>One item of a cost.</summary>
/// <param name="Code">Stable kebab-case name: <c>cool-writes</c>, <c>hot-reads</c>, <c>lists</c>, <c>proof-reads</c>, <c>retrieval</c>, <c>early-deletion</c>.</param>
/// <param name="Quantity">How many requests, or how many GiB.</param>
/// <param name="Unit"><c>requests</c> or <c>GiB</c>.</param>
/// <param name="Price">For 10,000 requests, or for a GiB.</param>
/// <param name="Amount">What it comes to.</param>
public sealed record CostLine(string Code, decimal Quantity, string Unit, decimal Price, decimal Amount)
{
    private const decimal PerRequests = 10_000;

    public static CostLine Requests(string code, long requests, decimal pricePer10000) =>
        new(code, requests, "requests", pricePer10000, requests * pricePer10000 / PerRequests);

    public static CostLine GiB(string code, decimal gibibytes, decimal price) => new(code, gibibytes, "GiB", price, gibibytes * price);
}
