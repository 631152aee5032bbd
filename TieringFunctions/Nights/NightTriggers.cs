using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;
using Tiering.Core.Nights;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Nights;

/// <summary>Looks every quarter of an hour, and on one machine at start, whether it is night.</summary>
public sealed class NightTimer(NightKeeper keeper)
{
    [Function("night")]
    public Task RunAsync(
        [TimerTrigger("0 */15 * * * *", RunOnStartup = HostAdapters.TimersRunAtStart, UseMonitor = HostAdapters.TimersAreMonitored)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation) => keeper.TickAsync(client, cancellation);
}

/// <summary>Nights that were, and the one that comes.</summary>
public sealed class NightTriggers(INightStore nights, NightPreview preview)
{
    [Function("night-list")]
    [Query("limit", "continuation")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nights")] HttpRequest request,
        CancellationToken cancellation)
    {
        int limit = ApiRequest.Limit(request);
        DateOnly? before = ApiRequest.Query(request, "continuation") is { } text ? Date("continuation", text) : null;
        IReadOnlyList<Night> page = await nights.ListAsync(before, limit, cancellation);
        return ApiAnswers.Ok(new Triggers.Page<Night>(page, page.Count == limit ? page[^1].Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null));
    }

    /// <summary>What the next night would take, and why it would not take each other project. Changes nothing.</summary>
    [Function("night-next")]
    [Query("after", "limit")]
    public async Task<IResult> NextAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nights/next")] HttpRequest request,
        CancellationToken cancellation) =>
        ApiAnswers.Ok(await preview.OfNextAsync(ApiRequest.QuerySlug(request, "after"), ApiRequest.Limit(request), cancellation));

    [Function("night-show")]
    public async Task<IResult> ShowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nights/{date}")] HttpRequest request,
        string date,
        CancellationToken cancellation)
    {
        DateOnly parsed = Date("date", date);
        return ApiAnswers.Ok(await nights.FindAsync(parsed, cancellation) ?? throw new NightUnknownException(parsed));
    }

    private static DateOnly Date(string field, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : throw new InvalidFieldException(field, "must be a date as in 2026-03-12");
}
