using System.Buffers;
using Tiering.Emulators.Hosting;

namespace Tiering.Emulators.Files;

/// <summary>The names that Azure Files takes. Source: "Naming and referencing shares, directories, files, and metadata".</summary>
internal static class ShareNames
{
    private const int LongestComponent = 255;
    private const int LongestPath = 2048;
    private const int DeepestPath = 250;

    private static readonly SearchValues<char> Reserved = SearchValues.Create("\"\\/:|<>*?");

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CLOCK$", .. Enumerable.Range(1, 9).SelectMany(n => (string[])[$"COM{n}", $"LPT{n}"])], StringComparer.OrdinalIgnoreCase);

    /// <exception cref="StorageException">The name is not one of a share.</exception>
    public static void CheckShare(string name)
    {
        bool valid = name.Length is >= 3 and <= 63
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && name[0] != '-' && name[^1] != '-' && !name.Contains("--", StringComparison.Ordinal);
        if (!valid)
            throw StorageException.InvalidName("a share's name has 3 to 63 lower-case letters, digits and single hyphens within");
    }

    /// <summary>Splits a path into its components, each of them checked. A trailing slash is dropped, as the service does.</summary>
    /// <exception cref="StorageException">A name is not allowed; the message names the rule.</exception>
    public static string[] Split(string path)
    {
        if (path.EndsWith('/'))
            path = path[..^1];
        if (path.Length == 0)
            return [];
        if (path.Length > LongestPath)
            throw StorageException.InvalidName($"a path has at most {LongestPath} characters");
        string[] names = path.Split('/');
        if (names.Length > DeepestPath)
            throw StorageException.InvalidName($"a path has at most {DeepestPath} components");
        foreach (string name in names)
        {
            if (Objection(name) is { } rule)
                throw StorageException.InvalidName(rule);
        }
        return names;
    }

    /// <summary>Why a share cannot hold an entry of this name; null when it can.</summary>
    public static string? Objection(string name)
    {
        if (name.Length == 0)
            return "a name is not empty";
        if (name.Length > LongestComponent)
            return $"a name has at most {LongestComponent} characters";
        if (name.AsSpan().ContainsAny(Reserved))
            return "a name has none of \" \\ / : | < > * ?";
        if (name.Any(char.IsControl))
            return "a name has no control characters";
        if (name.EndsWith('.'))
            return "a name does not end with a dot";
        if (Devices.Contains(name))
            return "a name is not one of a device";
        return IsWellFormed(name) ? null : "a name is well-formed Unicode";
    }

    private static bool IsWellFormed(string name)
    {
        for (int at = 0; at < name.Length; at++)
        {
            if (char.IsSurrogatePair(name, at))
                at++;
            else if (char.IsSurrogate(name[at]))
                return false;
        }
        return true;
    }
}
