using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Tiering.EmbeddedHost;
using Tiering.Functions.Orchestrations;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary>Running instances survive a deployment only of versions whose histories are stored, and replayed before it.</summary>
public sealed class ReleasedVersionsTests
{
    private static readonly JsonElement DurableTask = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.RepositoryRoot, "host.json")))
        .RootElement.GetProperty("extensions").GetProperty("durableTask");

    [Test]
    public void EveryVersionUpToThisOne_HasStoredHistories()
    {
        int current = int.Parse(DurableTask.GetProperty("defaultVersion").GetString()!, CultureInfo.InvariantCulture);
        foreach (int version in Enumerable.Range(1, current))
        {
            string folder = Path.Combine(Tools.RepositoryRoot, "TieringFunctions.Tests", "Fixtures", "histories", version.ToString(CultureInfo.InvariantCulture));
            Directory.Exists(folder).Should().BeTrue($"instances of version {version} may be running");
            string[] stored = [.. Directory.EnumerateFiles(folder, "*.json").Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("name").GetString()!)];
            stored.Should().Contain(Orchestrations());
        }
    }

    /// <summary>Of the app: all are as old as version 1.</summary>
    private static IEnumerable<string> Orchestrations() => typeof(TransferOrchestration).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(OrchestrationTriggerAttribute), inherit: false)))
        .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);

    [Test]
    public void Versions_LiveSideBySide() =>
        (DurableTask.GetProperty("versionMatchStrategy").GetString(), DurableTask.GetProperty("versionFailureStrategy").GetString()).Should().Be(("CurrentOrOlder", "Reject"));
}
