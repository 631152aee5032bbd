namespace Tiering.Core.Lifecycle;

/// <summary>Keeps a project where it is: no night takes it, and a COOL needs to be forced.</summary>
/// <param name="By">Who pinned it.</param>
/// <param name="At">When.</param>
public sealed record ProjectPin(string By, DateTimeOffset At)
{
    public const int MaxReasonLength = 500;

    /// <summary>The first day on which it no longer counts; null for no end.</summary>
    public DateOnly? Until { get; init; }

    public string? Reason { get; init; }

    public bool HoldsOn(DateOnly today) => Until is null || Until > today;
}
