namespace Tiering.Core.Transfers.Inventories;

/// <summary>SMB attributes as shares write them: names with '|' between, in any order and with any spaces.</summary>
internal static class SmbAttributes
{
    public static bool AreSame(string left, string right) => Names(left).SetEquals(Names(right));

    /// <summary>As a request sets them.</summary>
    public static string Header(string attributes) => string.Join('|', attributes.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether the share refuses to replace or remove what has them.</summary>
    public static bool AreReadOnly(string? attributes) => attributes is not null && Names(attributes).Contains("ReadOnly");

    public static string WithoutReadOnly(string attributes) =>
        string.Join('|', attributes.Split('|', StringSplitOptions.TrimEntries).Where(name => !name.Equals("ReadOnly", StringComparison.OrdinalIgnoreCase))) is { Length: > 0 } rest ? rest : "None";

    // Directory comes with every folder, and None means that there are no others.
    private static HashSet<string> Names(string attributes) => attributes.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(name => name is not ("Directory" or "None")).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
