using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Tiering.Core;

namespace Tiering.Functions.Access;

/// <summary>
/// Decides who may call what, by a table of paths, before anything else looks at a request. What the table does not name needs a token
/// of Tiering's own.
/// </summary>
public sealed class RequestGate(IConfiguration configuration, ApiTokens tokens, TimeProvider time)
{
    private const string SecretSetting = "JWT_SECRET_KEY";
    private static readonly string[] OpenPaths = ["/api/health/live", "/api/health/ready"];

    /// <summary>Lets the request in, with its caller's name, or throws.</summary>
    /// <exception cref="AccessException">It stays out.</exception>
    /// <exception cref="ConfigurationException">Nobody can be let in as the service is set up.</exception>
    public async Task AdmitAsync(HttpContext http)
    {
        PathString path = http.Request.Path;
        if (OpenPaths.Contains(path.Value, StringComparer.OrdinalIgnoreCase))
            return;
        string? name = path.StartsWithSegments("/data", StringComparison.OrdinalIgnoreCase)
            ? AdmitService(Bearer(http.Request))
            : await tokens.FindNameAsync(Bearer(http.Request) ?? throw AccessException.Unauthenticated(), http.RequestAborted);
        Claim claim = new(ClaimTypes.Name, name ?? throw AccessException.Unauthenticated());
        http.User = new ClaimsPrincipal(new ClaimsIdentity([claim], "Bearer"));
    }

    private string AdmitService(string? token)
    {
        string secret = configuration[SecretSetting] is { Length: > 0 } text
            ? text
            : throw new ConfigurationException($"{SecretSetting} environment variable is not set");
        return (token is null ? TokenVerdict.Invalid : new ServiceToken(secret, time).Judge(token)) switch
        {
            TokenVerdict.Allowed => "euphrosyne",
            TokenVerdict.Forbidden => throw AccessException.Forbidden(),
            _ => throw AccessException.Unauthenticated(),
        };
    }

    /// <summary>The bearer token of the header; null when there is none. Tokens elsewhere do not count, and neither do two headers.</summary>
    private static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [string header]
        && header.Split(' ', 2, StringSplitOptions.TrimEntries) is [string scheme, { Length: > 0 } token]
        && scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? token
            : null;
}

/// <param name="isKnown">Whether the caller is known, and not allowed; else it is not known who calls.</param>
public sealed class AccessException(bool isKnown) : TieringException(
    isKnown ? "forbidden" : "unauthenticated", isKnown ? "Not allowed" : "Could not validate credentials", isTransient: false)
{
    public bool IsKnown { get; } = isKnown;

    public static AccessException Unauthenticated() => new(isKnown: false);

    public static AccessException Forbidden() => new(isKnown: true);
}
