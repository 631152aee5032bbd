using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>Who did what, when, from where, and how it went.</summary>
public sealed class AuditTriggers(IAudit audit)
{
    [Function("audit-list")]
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
        AuditPage page = await audit.ListAsync(query, cancellation);
        return ApiAnswers.Ok(new Page<AuditEntry>(page.Entries, page.Continuation));
    }
}
