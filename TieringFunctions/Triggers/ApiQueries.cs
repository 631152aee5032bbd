using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Tiering.Core.Catalogue;

namespace Tiering.Functions.Triggers;

/// <summary>
/// Refuses what a request of <c>/api</c> has in its query and its function does not take. A parameter that is passed over in silence is
/// dangerous: who asks for a dry run, and is misunderstood, has the real thing done.
/// </summary>
public static class ApiQueries
{
    private const string Prefix = "api/";
    private const string Health = "api/health/"; // open to all: probes and balancers may add what they like

    private static readonly FrozenDictionary<string, ApiFunction> Functions = All().ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <param name="function">Its name.</param>
    /// <param name="request">What it was sent.</param>
    /// <exception cref="InvalidFieldException">A parameter is not known to it, or is given twice.</exception>
    public static void Check(string function, HttpRequest request)
    {
        if (request.Query.Count == 0 || !Functions.TryGetValue(function, out ApiFunction? known) || Fault(request.Query, known.Query.Names) is not { } fault)
            return;
        if (known.Query.Action is { } action)
            new RequestFacts(action, ProjectOf(known.Route, request.Path)).Note(request);
        throw fault;
    }

    private static InvalidFieldException? Fault(IQueryCollection query, IReadOnlyList<string> names)
    {
        if (query.Keys.FirstOrDefault(name => !names.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            string rule = names.Count == 0 ? "is not known here: the query must be empty" : $"is not known here; the parameters of the query are {string.Join(", ", names)}";
            return new InvalidFieldException(unknown.Length > 0 ? unknown : "query", rule);
        }
        return query.FirstOrDefault(parameter => parameter.Value.Count > 1).Key is { } twice ? new InvalidFieldException(twice, "must be given once") : null;
    }

    /// <summary>The project that a path names, as the caller wrote it; null when it names none.</summary>
    private static string? ProjectOf(string route, PathString path)
    {
        int place = Array.IndexOf(route.Split('/'), "{slug}");
        return place < 0 ? null : path.Value?.TrimStart('/').Split('/').ElementAtOrDefault(place);
    }

    private static IEnumerable<ApiFunction> All() =>
        from type in typeof(ApiQueries).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        let route = method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()?.Route).FirstOrDefault(found => found is not null)
        where function is not null && route is not null && IsOfApi(route)
        select new ApiFunction(function.Name, route, method.GetCustomAttribute<QueryAttribute>() ?? new QueryAttribute());

    private static bool IsOfApi(string route) =>
        route.StartsWith(Prefix, StringComparison.Ordinal) && !route.StartsWith(Health, StringComparison.Ordinal) && !route.Contains("{*", StringComparison.Ordinal);

    private sealed record ApiFunction(string Name, string Route, QueryAttribute Query);
}
