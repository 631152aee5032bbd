using Tiering.Core.Lifecycle;

namespace Tiering.Core.Nights;

/// <summary>One night's window.</summary>
/// <param name="Date">The date on which it opens, in the zone; it names the night.</param>
/// <param name="OpensAt">Included.</param>
/// <param name="ClosesAt">Not included: from here on nothing new starts.</param>
public sealed record NightWindow(DateOnly Date, DateTimeOffset OpensAt, DateTimeOffset ClosesAt)
{
    public bool Contains(DateTimeOffset instant) => OpensAt <= instant && instant < ClosesAt;
}

/// <summary>
/// The hours in which nights may start transfers, as clocks in a zone show them. Where the clocks change, an hour that comes twice counts
/// from its first time and ends at its first time, and one that is left out is the instant of the change. Pure.
/// </summary>
/// <param name="Zone">Whose clocks.</param>
/// <param name="Start">When it opens.</param>
/// <param name="End">When it closes; not later than <paramref name="Start"/> means on the next day, so equal hours mean the whole day.</param>
public sealed record CoolingWindow(LocalZone Zone, TimeOnly Start, TimeOnly End)
{
    /// <summary>The window that opens on this date.</summary>
    public NightWindow Of(DateOnly date)
    {
        DateTimeOffset opens = Zone.At(date, Start);
        DateTimeOffset closes = Zone.At(End > Start ? date : date.AddDays(1), End);
        return new NightWindow(date, opens, closes < opens ? opens : closes);
    }

    /// <summary>The window that is open now; null when none is.</summary>
    public NightWindow? OpenAt(DateTimeOffset now)
    {
        DateOnly today = Zone.DateOf(now);
        foreach (DateOnly date in (DateOnly[])[today, today.AddDays(-1)])
        {
            if (Of(date) is { } window && window.Contains(now))
                return window;
        }
        return null;
    }

    /// <summary>The window that is open now, or else the next one.</summary>
    public NightWindow NextAt(DateTimeOffset now)
    {
        if (OpenAt(now) is { } open)
            return open;
        DateOnly date = Zone.DateOf(now).AddDays(-1);
        while (Of(date).OpensAt <= now || Of(date).ClosesAt == Of(date).OpensAt)
            date = date.AddDays(1);
        return Of(date);
    }

    /// <summary>The windows after the night of <paramref name="after"/> that have closed by now, oldest first; at most <paramref name="limit"/>, the latest.</summary>
    public IReadOnlyList<NightWindow> ClosedAfter(DateOnly after, DateTimeOffset now, int limit)
    {
        List<NightWindow> closed = [];
        for (DateOnly date = Zone.DateOf(now); date > after && closed.Count < limit; date = date.AddDays(-1))
        {
            if (Of(date).ClosesAt <= now)
                closed.Add(Of(date));
        }
        closed.Reverse();
        return closed;
    }
}
