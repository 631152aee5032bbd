using System.Text.RegularExpressions;

namespace Tiering.Core;

/// <summary>Takes the folders of this machine out of text that the client will see: of an absolute path only its last part stays.</summary>
public static partial class ServerPaths
{
    /// <summary>Stands for the folder.</summary>
    public const string Mark = "[folder]";

    /// <summary>The text without absolute paths. URLs and paths relative to a project stay; hiding twice changes nothing.</summary>
    public static string Hide(string text) => AbsolutePath().Replace(text, $"{Mark}/${{last}}");

    // In single quotes, as .NET writes it, a path may hold spaces; bare, it ends at the first one. After a name, a slash goes on with a
    // relative path or a URL.
    [GeneratedRegex(
        """(?<=')/(?:[^/'\r\n]+/)+(?<last>[^/'\r\n]*)(?=')|(?<=\A|[\s"'`(\[{<=:,;])/(?:[^/\s"'`]+/)+(?<last>[^/\s"'`]*)""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex AbsolutePath();
}
