using System.Collections.Concurrent;

namespace Tiering.Emulators.Identity;

/// <summary>Gives tokens that the emulators sharing it accept. They say nothing and work nowhere else.</summary>
public sealed class TokenIssuer(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, (string Resource, DateTimeOffset Until)> _issued = new(StringComparer.Ordinal);

    /// <summary>How long a token works; an hour unless set.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <param name="resource">What it opens, such as <c>https://storage.azure.com</c>; a slash at its end makes no difference.</param>
    public (string Token, DateTimeOffset Until) Issue(string resource)
    {
        DateTimeOffset until = _time.GetUtcNow() + Lifetime;
        string token = IdentityEmulator.Token(resource, client: null, until);
        _issued[token] = (resource.TrimEnd('/'), until);
        return (token, until);
    }

    /// <summary>Whether an Authorization header holds a token of this issuer for this resource that has not run out.</summary>
    public bool Accepts(string? authorization, string resource) =>
        authorization?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true
        && _issued.TryGetValue(authorization["Bearer ".Length..], out (string Resource, DateTimeOffset Until) known)
        && known.Resource == resource
        && known.Until > _time.GetUtcNow();
}
