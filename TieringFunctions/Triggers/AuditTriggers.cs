using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tiering.Core;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>Who did what, when, from where, and how it went.</summary>
public sealed class AuditTriggers(IAudit audit)
{
    private const string JsonLines = "application/x-ndjson";
    private const int EntriesAtOnce = 1000;

    /// <summary>A page; or, to callers that accept JSON Lines, every entry that fits the query, one a line.</summary>
    [Function("audit-list")]
    [Query("project", "from", "to", "limit", "continuation")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/audit")] HttpRequest request,
        CancellationToken cancellation)
    {
        AuditQuery query = new(
            ApiRequest.Query(request, "project"),
            ApiRequest.QueryTime(request, "from"),
            ApiRequest.QueryTime(request, "to"),
            ApiRequest.Limit(request),
            ApiRequest.Query(request, "continuation"));
        if (request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(JsonLines, StringComparison.OrdinalIgnoreCase)))
        {
            AuditPage first = await audit.ListAsync(query with { Limit = EntriesAtOnce }, cancellation); // what is wrong with the query is told before the answer begins
            return TypedResults.Stream(stream => ExportAsync(query, first, stream, cancellation), JsonLines);
        }
        AuditPage page = await audit.ListAsync(query, cancellation);
        return ApiAnswers.Ok(new Page<AuditEntry>(page.Entries, page.Continuation));
    }

    /// <summary>Page by page: what is added meanwhile comes before the first one, and is not told.</summary>
    private async Task ExportAsync(AuditQuery query, AuditPage page, Stream stream, CancellationToken cancellation)
    {
        while (true)
        {
            foreach (AuditEntry entry in page.Entries)
            {
                await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(entry, TieringJson.Options), cancellation);
                await stream.WriteAsync("\n"u8.ToArray(), cancellation);
            }
            if (page.Continuation is null)
                return;
            page = await audit.ListAsync(query with { Limit = EntriesAtOnce, Continuation = page.Continuation }, cancellation);
        }
    }
}
