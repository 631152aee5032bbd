using Microsoft.AspNetCore.Http;
using Tiering.Functions.Triggers;

namespace Tiering.Functions.Access;

/// <summary>
/// Stands before every HTTP function: lets the request in or keeps it out, refuses what its query has and the function does not take, and
/// gives every failure the form that its caller expects.
/// </summary>
public sealed class AccessMiddleware(RequestGate gate, Refusals refusals) : IFunctionsWorkerMiddleware
{
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.GetHttpContext() is { } http ? GuardAsync(http, () => CheckedAsync(context, http, next)) : next(context);

    /// <summary>Runs the rest of a request for those who may.</summary>
    public async Task GuardAsync(HttpContext http, Func<Task> next)
    {
        try
        {
            await gate.AdmitAsync(http);
            await next();
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await (await refusals.OfAsync(http, failure)).ExecuteAsync(http);
        }
    }

    private static Task CheckedAsync(FunctionContext context, HttpContext http, FunctionExecutionDelegate next)
    {
        ApiQueries.Check(context.FunctionDefinition.Name, http.Request);
        return next(context);
    }
}
