using System.Globalization;

namespace Tiering.Tests.StandIn;

/// <summary>
/// A script: sections <c>[copy]</c>, <c>[resume]</c> and <c>[show]</c>, each with commands one a line. <c>[copy 2]</c> is for the second call of its
/// kind; where a call has no section of its own, the plain one is played; where there is none at all, the real AzCopy is called.
/// </summary>
internal static class Script
{
    public static IReadOnlyList<string> LinesFor(string path, string command)
    {
        int call = Count($"{path}.{command}");
        Dictionary<string, List<string>> sections = new(StringComparer.Ordinal);
        List<string> current = [];
        foreach (string line in File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            if (line[0] == '[')
                sections[line[1..^1]] = current = [];
            else
                current.Add(line);
        }
        string own = string.Create(CultureInfo.InvariantCulture, $"{command} {call}");
        return sections.GetValueOrDefault(own) ?? sections.GetValueOrDefault(command) ?? ["real"];
    }

    /// <summary>Counts the calls in a file beside the script: tests read it.</summary>
    private static int Count(string file)
    {
        File.AppendAllText(file, ".");
        return (int)new FileInfo(file).Length;
    }
}
