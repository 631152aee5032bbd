namespace Tiering.Core.Transfers.Inventories;

/// <summary>Every difference that was found: all are counted, the first are kept, so that memory stays bounded. Safe for concurrent use.</summary>
/// <param name="kept">How many are kept.</param>
public sealed class Differences(int kept = 100)
{
    private readonly Lock gate = new();
    private readonly List<Difference> first = [];
    private readonly long[] counts = new long[Enum.GetValues<DifferenceClass>().Length];

    /// <summary>How many there are, kept or not.</summary>
    public long Count { get; private set; }

    public bool Any => Count > 0;

    /// <summary>The first ones, in the order in which they were found.</summary>
    public IReadOnlyList<Difference> First
    {
        get
        {
            lock (gate)
                return [.. first];
        }
    }

    /// <summary>How many there are of one class.</summary>
    public long Of(DifferenceClass kind) => counts[(int)kind];

    public void Add(DifferenceClass kind, string path, string detail) => Add(new Difference(kind, path, detail));

    public void Add(Difference difference)
    {
        lock (gate)
        {
            Count++;
            counts[(int)difference.Class]++;
            if (first.Count < kept)
                first.Add(difference);
        }
    }

    /// <summary>The count of each class that occurs, for an error's details.</summary>
    public IReadOnlyDictionary<string, long> ByClass() =>
        Enum.GetValues<DifferenceClass>().Where(kind => Of(kind) > 0).ToDictionary(NameOf, Of, StringComparer.Ordinal);

    /// <summary>The class in kebab case: <c>not-representable</c>.</summary>
    public static string NameOf(DifferenceClass kind) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <summary>One sentence: how many, of which classes, and the first few by name.</summary>
    public override string ToString()
    {
        if (!Any)
            return "no differences";
        string classes = string.Join(", ", ByClass().Select(pair => $"{pair.Value} {pair.Key.Replace('-', ' ')}"));
        string names = string.Join("; ", First.Take(3));
        return $"{Count} {(Count == 1 ? "difference" : "differences")} ({classes}): {names}{(Count > 3 ? "; …" : "")}";
    }
}
