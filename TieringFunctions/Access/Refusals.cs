using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Nights;
using Tiering.Core.Transfers.Inventories;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Access;

/// <summary>Turns a failure into the answer that its caller understands: the contract's on <c>/data</c>, problem details elsewhere.</summary>
public sealed class Refusals(IAudit audit, TimeProvider time, ILogger<Refusals> logger)
{
    public async Task<IResult> OfAsync(HttpContext http, Exception failure)
    {
        int status = StatusOf(failure);
        if (failure is not TieringException)
            logger.LogError(failure, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
        if (failure is TieringException refusal)
            await RecordAsync(http, refusal);
        if (failure is AccessException { IsKnown: false })
            http.Response.Headers.WWWAuthenticate = "Bearer";
        return http.Request.Path.StartsWithSegments("/data", StringComparison.OrdinalIgnoreCase)
            ? DataAnswers.Refusal(status, failure)
            : Problems.Of(status, failure);
    }

    private static int StatusOf(Exception failure) => failure switch
    {
        AccessException access => access.IsKnown ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized,
        ProjectImmutableException => StatusCodes.Status403Forbidden,
        ParameterException => StatusCodes.Status422UnprocessableEntity,
        InvalidSlugException or InvalidFieldException => StatusCodes.Status400BadRequest,
        ProjectUnknownException or OperationUnknownException or OperationIdUnknownException or InstanceUnknownException or PlanUnknownException or PathUnknownException
            or CertificateMissingException or OutboxMessageUnknownException or NightUnknownException => StatusCodes.Status404NotFound,
        MethodUnknownException => StatusCodes.Status405MethodNotAllowed,
        ProjectExistsException or ProjectBusyException or InvalidTransitionException or RetryTypeException or NotEligibleException or ProjectPinnedException or DeletionRefusedException
            or OperationTerminalException or OperationNotFailedException or OperationAmbiguousException or ProjectDataMissingException
            or NothingToDeleteException or AdoptionRefusedException or InstanceEndedException or InstanceLiveException => StatusCodes.Status409Conflict,
        BadHttpRequestException bad => bad.StatusCode,
        ConfigurationException or NotReadyException => StatusCodes.Status503ServiceUnavailable,
        TieringException { IsTransient: true } => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>A refused request is audited when its caller is known: strangers must not fill the disk.</summary>
    private async Task RecordAsync(HttpContext http, TieringException refusal)
    {
        if (RequestFacts.Of(http) is not { } facts || refusal is CatalogueUnavailableException)
            return;
        Caller caller = http.Request.Caller();
        AuditEntry entry = new(time.GetUtcNow(), caller.Name, facts.Action, AuditOutcomes.Refused)
        {
            From = caller.From,
            Project = facts.Project,
            Type = facts.Type,
            Operation = facts.Operation,
            Detail = $"{refusal.Code}: {refusal.Message}",
        };
        try
        {
            await audit.RecordAsync(entry, CancellationToken.None);
        }
        catch (CatalogueUnavailableException unavailable)
        {
            logger.LogError(unavailable, "A refusal could not be audited");
        }
    }
}
