using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Tiering.Functions.Triggers;

/// <summary>Answers what no other function does, in the form of its part of the service.</summary>
public static partial class UnknownPathTriggers
{
    [Function("data-unknown")]
    public static IResult Data([HttpTrigger(AuthorizationLevel.Anonymous, Route = "data/{*path}")] HttpRequest request) =>
        DataPaths.IsKnown(request) ? throw new MethodUnknownException(request.Method, request.Path) : throw new PathUnknownException(request.Path);

    [Function("api-unknown")]
    public static IResult Api([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/{*path}")] HttpRequest request, string? path) =>
        KnownApi().IsMatch(path ?? "") ? throw new MethodUnknownException(request.Method, request.Path) : throw new PathUnknownException(request.Path);

    [GeneratedRegex(
        @"\A(?:projects(?:/[^/]+(?:/(?:cool|restore|delete-source|adopt))?)?|operations(?:/[^/]+(?:/(?:retry|cancel|certificate))?)?|instances(?:/[^/]+(?:/(?:terminate|suspend|resume))?)?|outbox(?:/[^/]+/resend)?|audit|health/(?:live|ready))\z",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex KnownApi();
}
