using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Http;

/// <summary>Serves the functions that have an HTTP trigger.</summary>
internal sealed partial class HttpFunctions(
    FunctionCatalog catalog, FunctionInvoker invoker, HostSettings settings, FunctionKeys keys, ILogger<HttpFunctions> logger)
{
    /// <exception cref="InvalidOperationException">A route is not valid.</exception>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (FunctionInfo function in catalog.With<HttpTriggerAttribute>())
        {
            HttpTriggerAttribute trigger = (HttpTriggerAttribute)function.Trigger;
            string route = $"/{settings.RoutePrefix}/{(trigger.Route ?? function.Name).TrimStart('/')}".Replace("//", "/", StringComparison.Ordinal);
            RequestDelegate serve = http => ServeAsync(function, trigger, http);
            string[] methods = [.. (trigger.Methods ?? []).Select(method => method.ToUpperInvariant())];
            IEndpointConventionBuilder endpoint = methods.Length == 0 ? routes.Map(route, serve) : routes.MapMethods(route, methods, serve);
            endpoint.WithDisplayName(function.Name);
        }
    }

    /// <summary>Says in JSON that nothing serves this path.</summary>
    public static Task AnswerUnknownAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is not null)
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsJsonAsync(new { detail = "Not Found" }, http.RequestAborted);
    }

    private async Task ServeAsync(FunctionInfo function, HttpTriggerAttribute trigger, HttpContext http)
    {
        if (!keys.Allow(trigger.AuthLevel, http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        try
        {
            object? result = await invoker.InvokeAsync(
                function, http, new(FunctionContextExtensions.HttpContextKey, http), http.RequestAborted);
            await WriteAsync(result, http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the caller has left: there is nobody to answer
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = bad.StatusCode;
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            LogFailed(error, function.Name);
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError; // what went wrong is for the log, not for the caller
        }
    }

    private static Task WriteAsync(object? result, HttpContext http) => result switch
    {
        null => Task.CompletedTask,
        IResult web => web.ExecuteAsync(http),
        IActionResult action => action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
        string text => http.Response.WriteAsync(text, http.RequestAborted),
        _ => http.Response.WriteAsJsonAsync(result, result.GetType(), http.RequestAborted),
    };

    [LoggerMessage(20, LogLevel.Error, "Function {Function} failed.")]
    private partial void LogFailed(Exception error, string function);
}
