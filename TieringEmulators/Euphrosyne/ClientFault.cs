namespace Tiering.Emulators.Euphrosyne;

/// <summary>
/// How the client fails: an answer of the given status without acting; hangs without acting, or after it; closes the connection without
/// acting, or after it; answers text that is no JSON.
/// </summary>
public enum ClientFaultKind { Status, Hang, HangAfterActing, Close, CloseAfterActing, Garbage }

/// <summary>A fault of the client's for some requests.</summary>
/// <param name="Target"><c>callback</c> or <c>lifecycle</c>.</param>
/// <param name="Kind">What happens.</param>
public sealed record ClientFault(string Target, ClientFaultKind Kind)
{
    /// <summary>For how many requests; null for all.</summary>
    public int? Times { get; init; }

    /// <summary>For <see cref="ClientFaultKind.Status"/>.</summary>
    public int Status { get; init; } = 500;

    /// <summary>Sent as <c>Retry-After</c>, in seconds; null for none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>For <see cref="ClientFaultKind.Garbage"/>: the body of the 200.</summary>
    public string Body { get; init; } = "<html>";

    /// <summary>Only for requests whose path or body holds this; null for all.</summary>
    public string? Matching { get; init; }
}

/// <summary>A request that Tiering has sent.</summary>
/// <param name="At">When it came.</param>
/// <param name="Method">GET or POST.</param>
/// <param name="Target">Path and query as they came.</param>
/// <param name="Body">The body.</param>
/// <param name="Answer">The status that was answered; 0 for none.</param>
public sealed record ClientRequest(DateTimeOffset At, string Method, string Target, string Body, int Answer)
{
    public string? Authorization { get; init; }

    public string? ContentType { get; init; }

    public long? ContentLength { get; init; }

    public bool IsChunked { get; init; }

    /// <summary>Why its token was refused; null when it was not.</summary>
    public string? TokenRefusal { get; init; }

    public bool IsCallback => Target.EndsWith("/operations/callback", StringComparison.Ordinal);
}
