using System.Text.Json;
using System.Text.RegularExpressions;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>Page, sample and templates name the same settings.</summary>
public sealed partial class SettingsTests
{
    /// <summary>Read by no setting of ours: the platform gives them, or ASP.NET Core reads them.</summary>
    private static readonly string[] OfThePlatform = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "ASPNETCORE_URLS"];

    /// <summary>What the function host itself reads.</summary>
    private static readonly string[] OfTheHost = ["AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"];

    /// <summary>Not for Azure: folders and processes of one machine, account keys, roles kept where the templates do not keep them.</summary>
    private static readonly string[] OfOneMachine =
    [
        "DATA_FOLDER", "DATA_FOLDER_COOL", "TIERING_DATA", "TIERING_AGENT_PATH", "AZURE_STORAGE_ACCOUNT_KEY", "TIERING_STATE_CONNECTION",
        "AZURE_STORAGE_FILESHARE_COOL", "AZURE_STORAGE_DATA_CONTAINER",
    ];

    /// <summary>Part of the agent's image.</summary>
    private static readonly string[] OfTheImage = ["AZCOPY_PATH", "AZCOPY_WORK_DIR"];

    internal static readonly HashSet<string> Documented = [.. Read("docs", "settings.md").Split('\n')
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => Named().Matches(line.Split('|')[1]))
        .Select(match => match.Groups["name"].Value)];

    private static readonly HashSet<string> Sample = [.. JsonDocument.Parse(Read("local.settings.sample.json")).RootElement.GetProperty("Values")
        .EnumerateObject().Select(value => value.Name)];

    private static readonly HashSet<string> Given = [.. Directory.EnumerateFiles(Path.Combine(Tools.RepositoryRoot, "infra"), "*.bicep", SearchOption.AllDirectories)
        .SelectMany(file => Member().Matches(File.ReadAllText(file)))
        .Select(match => match.Groups["name"].Value)
        .Where(name => name != "AZCOPY_AUTO_LOGIN_TYPE")]; // AzCopy's own

    [Test]
    public void Sample_HasEverySettingOfThePage_AndNoOther() =>
        Sample.Except(OfTheHost).Should().BeEquivalentTo(Documented.Except(OfThePlatform)).And.NotBeEmpty();

    [Test]
    public void Templates_CanGiveEverySettingThatIsReadOnAzure_AndNoOther() =>
        Given.Should().BeEquivalentTo(Documented.Except(OfThePlatform).Except(OfOneMachine).Except(OfTheImage)).And.NotBeEmpty();

    [Test]
    public void Image_SetsWhatIsItsOwn() =>
        OfTheImage.Should().OnlyContain(name => Read("TieringAgent", "Dockerfile").Contains(name + "=", StringComparison.Ordinal));

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Tools.RepositoryRoot, .. path]));

    [GeneratedRegex("`(?<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    /// <summary>A member of an object whose name is one of our settings.</summary>
    [GeneratedRegex("^\\s+(?<name>(TIERING|DATA|AZCOPY|AZURE_STORAGE|AZURE_RESOURCE|AZURE_CLIENT|EUPHROSYNE|JWT|OTEL)_[A-Z_]+):", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Member();
}
