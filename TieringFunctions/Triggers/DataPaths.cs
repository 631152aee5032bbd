using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tiering.Core.Lifecycle;

namespace Tiering.Functions.Triggers;

/// <summary>The paths of <c>/data</c>, exactly. The server's own routing takes letters of any case and a slash at the end, which the contract does not have.</summary>
public static partial class DataPaths
{
    public static bool IsKnown(HttpRequest request) => Known().IsMatch(request.Path.Value ?? "");

    /// <exception cref="PathUnknownException">The path is not exactly one of the contract's.</exception>
    public static void Check(HttpRequest request)
    {
        if (!IsKnown(request))
            throw new PathUnknownException(request.Path);
    }

    /// <summary>The slug of a route value.</summary>
    /// <exception cref="InvalidSlugException">It breaks a rule.</exception>
    public static ProjectSlug Slug(HttpRequest request, string routeValue) =>
        IsSlashEncodedTwice(request) ? ProjectSlug.Parse(routeValue) : DataParameters.Slug(routeValue);

    /// <summary>Decoded once, such a slash looks like one that was encoded once: only the target as it was sent tells them apart.</summary>
    private static bool IsSlashEncodedTwice(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget.Contains("%252F", StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"\A/data/projects/[^/]+/(?:(?:cool|restore)(?:/[^/]+)?|delete/[^/]+)\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Known();
}
