using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Tiering.Functions.Triggers;

/// <summary>Answers what no other function does, in the form of its part of the service.</summary>
public static class UnknownPathTriggers
{
    private const string Prefix = "api/";

    /// <summary>The paths of all functions below <c>/api</c>, whatever their methods.</summary>
    private static readonly Lazy<Regex> KnownApi = new(() => new Regex(
        $@"\A(?:{string.Join('|', Routes().Where(route => route.StartsWith(Prefix, StringComparison.Ordinal)).Select(route => PatternOf(route[Prefix.Length..])))})\z",
        RegexOptions.None,
        matchTimeout: TimeSpan.FromSeconds(1)));

    [Function("data-unknown")]
    public static IResult Data([HttpTrigger(AuthorizationLevel.Anonymous, Route = "data/{*path}")] HttpRequest request) =>
        DataPaths.IsKnown(request) ? throw new MethodUnknownException(request.Method, request.Path) : throw new PathUnknownException(request.Path);

    [Function("api-unknown")]
    public static IResult Api([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/{*path}")] HttpRequest request, string? path) =>
        KnownApi.Value.IsMatch(path ?? "") ? throw new MethodUnknownException(request.Method, request.Path) : throw new PathUnknownException(request.Path);

    private static IEnumerable<string> Routes() => typeof(UnknownPathTriggers).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .SelectMany(method => method.GetParameters())
        .Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()?.Route)
        .OfType<string>()
        .Where(route => !route.Contains("{*", StringComparison.Ordinal));

    private static string PatternOf(string route) =>
        string.Join('/', route.Split('/').Select(part => part.StartsWith('{') ? "[^/]+" : Regex.Escape(part)));
}
