using System.Text.RegularExpressions;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.AzCopy;

/// <summary>The page docs/azcopy.md names a test for each thing that AzCopy does.</summary>
public sealed partial class AzCopyPageTests
{
    [Test]
    public async Task Page_EveryRow_NamesTestsThatExist()
    {
        string[] rows = [.. (await File.ReadAllLinesAsync(Path.Combine(Tools.RepositoryRoot, "docs", "azcopy.md")))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| What AzCopy does", StringComparison.Ordinal))];
        rows.Should().HaveCountGreaterThan(20);
        HashSet<string> tests = [.. typeof(AzCopyPageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name)];
        foreach (string row in rows)
        {
            string[] named = [.. NamedTest().Matches(row[row.TrimEnd(' ', '|').LastIndexOf('|')..]).Select(match => match.Groups["name"].Value)];
            named.Should().NotBeEmpty(row);
            tests.Should().Contain(named);
        }
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedTest();
}
