namespace Tiering.Emulators.Faults;

/// <summary>
/// Something that goes wrong on purpose: which requests it meets, how often it fires, and what it does. Of several rules only the first
/// that fires is applied to a request; all effects of one rule are applied together.
/// </summary>
public sealed record FaultRule
{
    /// <summary>The emulator: <c>files</c>, <c>blobs</c> or <c>jobs</c>; null for all.</summary>
    public string? Server { get; init; }

    /// <summary>HTTP method; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Operation as the request log names it, such as <c>ListDirectory</c>; null for all.</summary>
    public string? Operation { get; init; }

    /// <summary>Pattern of <c>container/path</c>, decoded; <c>*</c> stands for any characters, slashes included; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>How many matching requests pass before the rule may fire.</summary>
    public int Skip { get; init; }

    /// <summary>How often it fires; null for ever.</summary>
    public int? Count { get; init; }

    /// <summary>0 to 1: the chance to fire at a matching request, drawn from <see cref="Seed"/>.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>The same seed and the same order of requests give the same draws.</summary>
    public int Seed { get; init; }

    /// <summary>The status answered, with <see cref="Code"/>; null for none.</summary>
    public int? Status { get; init; }

    /// <summary>The storage error code; null for the usual one of <see cref="Status"/>.</summary>
    public string? Code { get; init; }

    /// <summary>The Retry-After header that goes with <see cref="Status"/>, in seconds; null for none.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Whether the request is carried out before <see cref="Status"/> denies it.</summary>
    public bool AfterActing { get; init; }

    /// <summary>How long the request waits before anything else happens, in milliseconds.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Whether the request waits, before anything else happens, until the rule is removed: then all that is held goes on at once.</summary>
    public bool Hold { get; init; }

    /// <summary>Speed of the body in either direction; null for full speed.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Cuts the connection once so many bytes of the response's body were sent; 0 after acting, without an answer.</summary>
    public long? CutResponseAfterBytes { get; init; }

    /// <summary>Cuts the connection once so many bytes of the request's body were read; 0 before acting.</summary>
    public long? CutRequestAfterBytes { get; init; }

    /// <summary>
    /// Added to the response's Content-Length. Above 0 the body ends early, with the connection; below 0 the body is cut to the length
    /// announced, and nothing looks wrong. At a HEAD, only the header lies.
    /// </summary>
    public long ContentLengthDelta { get; init; }

    /// <summary>Pattern of the names that a listing leaves out; null for none.</summary>
    public string? OmitEntries { get; init; }

    /// <summary>How many entries a page of a listing shows before it pretends to be the last; null for no limit.</summary>
    public int? TruncateListing { get; init; }

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    internal void Validate()
    {
        Check(Server is null or "files" or "blobs" or "jobs", nameof(Server), "files, blobs, jobs or nothing");
        Check(Skip >= 0, nameof(Skip), "0 or more");
        Check(Count is null or > 0, nameof(Count), "1 or more, or nothing");
        Check(Probability is >= 0 and <= 1, nameof(Probability), "from 0 to 1");
        Check(Status is null or (>= 300 and <= 599), nameof(Status), "from 300 to 599, or nothing");
        Check(Code is null || Status is not null, nameof(Code), "given with Status only");
        Check(RetryAfterSeconds is null or >= 0, nameof(RetryAfterSeconds), "0 or more, or nothing");
        Check(DelayMilliseconds >= 0, nameof(DelayMilliseconds), "0 or more");
        Check(BytesPerSecond is null or > 0, nameof(BytesPerSecond), "1 or more, or nothing");
        Check(CutResponseAfterBytes is null or >= 0, nameof(CutResponseAfterBytes), "0 or more, or nothing");
        Check(CutRequestAfterBytes is null or >= 0, nameof(CutRequestAfterBytes), "0 or more, or nothing");
        Check(TruncateListing is null or >= 0, nameof(TruncateListing), "0 or more, or nothing");
    }

    private static void Check(bool holds, string field, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{field} must be {rule}.");
    }
}
