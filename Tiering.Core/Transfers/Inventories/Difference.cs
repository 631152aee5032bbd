namespace Tiering.Core.Transfers.Inventories;

/// <summary>How two inventories can differ at one path.</summary>
public enum DifferenceClass
{
    Missing,
    Extra,
    Size,
    Md5,
    Kind,
    Time,
    Mode,
    Target,
    Version,
    Tier,
    Skipped,
    NotRepresentable,
}

/// <summary>One way in which something is not what it should be.</summary>
/// <param name="Class">What kind of difference it is.</param>
/// <param name="Path">Where, relative to the project.</param>
/// <param name="Detail">What was found and what was expected, for an operator.</param>
public sealed record Difference(DifferenceClass Class, string Path, string Detail)
{
    public override string ToString() => $"{Path}: {Detail}";
}
