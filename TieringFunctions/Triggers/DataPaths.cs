using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

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

    [GeneratedRegex(@"\A/data/projects/[^/]+/(?:(?:cool|restore)(?:/[^/]+)?|delete/[^/]+)\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Known();
}
