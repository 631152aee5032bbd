namespace Tiering.Core.Transfers.Inventories;

/// <summary>The order of every inventory: by the UTF-8 bytes of the whole path. Unlike an ordinal comparison it puts surrogate pairs last.</summary>
public sealed class PathOrder : IComparer<string>
{
    public static PathOrder Instance { get; } = new();

    int IComparer<string>.Compare(string? x, string? y) => Compare(x, y);

    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        return Rank(left[same]).CompareTo(Rank(right[same]));
    }

    // Code units above the surrogates encode code points below those that surrogates encode.
    private static int Rank(char unit) => unit switch
    {
        >= '\ue000' => unit - 0x800,
        >= '\ud800' => unit + 0x2000,
        _ => unit,
    };
}
