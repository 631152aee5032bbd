namespace Tiering.Core.Catalogue;

/// <summary>Why the client has not taken a result.</summary>
/// <param name="Reason">A sentence for an operator; no secret.</param>
/// <param name="IsRefusal">The client has read it and said no: asking again soon would only annoy.</param>
/// <param name="RetryAfter">How long the client asks to be left alone; null when it does not say.</param>
public sealed record DeliveryFailure(string Reason, bool IsRefusal = false, TimeSpan? RetryAfter = null);

/// <summary>
/// When a result that was not taken is sent again: 1, 2, 4 and 8 s after the first attempts, then with growing waits up to five minutes; after
/// a refusal from two minutes up to half an hour. Source: euphrosyne-contract.md, chapter 8.
/// </summary>
/// <param name="giveUpAfter">How long it is tried before a person has to look.</param>
public sealed class DeliverySchedule(TimeSpan giveUpAfter)
{
    /// <summary>When the client itself asks for a result that has to wait longer: not at once, for it may just have refused it.</summary>
    public static readonly TimeSpan AfterRequest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstWaitRefused = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWaitRefused = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestObeyed = TimeSpan.FromHours(1);

    /// <summary>When to try next; null when the message is to be parked.</summary>
    /// <param name="attempts">How many have failed, this one included.</param>
    /// <param name="failure">How this one failed.</param>
    /// <param name="now">When it failed.</param>
    /// <param name="since">When the message was put in, or sent again by a person.</param>
    public DateTimeOffset? Next(int attempts, DeliveryFailure failure, DateTimeOffset now, DateTimeOffset since)
    {
        if (now - since >= giveUpAfter)
            return null;
        TimeSpan wait = failure.IsRefusal
            ? Grown(FirstWaitRefused, attempts, LongestWaitRefused)
            : Grown(FirstWait, attempts, LongestWait);
        TimeSpan asked = failure.RetryAfter is { } given && given < LongestObeyed ? given : failure.RetryAfter is null ? TimeSpan.Zero : LongestObeyed;
        return now + (asked > wait ? asked : wait);
    }

    private static TimeSpan Grown(TimeSpan first, int attempts, TimeSpan most)
    {
        double wait = first.TotalSeconds * Math.Pow(2, Math.Clamp(attempts, 1, 30) - 1);
        return wait < most.TotalSeconds ? TimeSpan.FromSeconds(wait) : most;
    }
}
