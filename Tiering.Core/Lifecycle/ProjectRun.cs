namespace Tiering.Core.Lifecycle;

/// <summary>A run of a project: a stay at the instrument that made data. Its dates decide when the project may go cool.</summary>
/// <param name="Id">Its name within the project, 1 to 200 characters.</param>
public sealed record ProjectRun(string Id)
{
    public const int MaxIdLength = 200;

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    /// <summary>Until when its data are kept back; it takes the place of the end, even when it is earlier.</summary>
    public DateOnly? Embargo { get; init; }

    /// <summary>What is wrong with it: the field and the rule; null when nothing is.</summary>
    public (string Field, string Rule)? Fault() => this switch
    {
        _ when Id.Length is 0 or > MaxIdLength || Id.Any(char.IsControl) || Id.Trim() != Id =>
            ("run", $"must have 1 to {MaxIdLength} characters, no control characters, and no white space at its ends"),
        { Start: { } start, End: { } end } when end < start => ("end", "must not be before start"),
        { End: { } end } when Eligibility.IsOutOfReach(end) => ("end", Eligibility.Reach),
        { Embargo.Year: < 1900 or > 9000 } => ("embargo", Eligibility.Reach),
        _ => null,
    };
}
