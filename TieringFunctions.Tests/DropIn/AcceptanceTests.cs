using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.AzCopy;
using Tiering.Core.Transfers.Locations;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>The table of acceptance cases holds, and the cases that no other test is.</summary>
public sealed partial class AcceptanceTests
{
    [Test]
    public void Table_EveryCase_NamesATestThatExists()
    {
        string table = File.ReadAllText(Path.Combine(Tools.RepositoryRoot, "TieringFunctions.Tests", "DropIn", "README.md"));
        HashSet<string> tests = [.. typeof(AcceptanceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(IsTest).Select(method => $"{type.Name}.{method.Name}"))];

        List<string> named = [.. NamedTest().Matches(table).Select(match => match.Groups["test"].Value)];

        named.Should().HaveCountGreaterThan(60);
        named.Except(tests, StringComparer.Ordinal).Should().BeEmpty();
    }

    [Test]
    public void Failure_AfterAJobId_SendsJobIdStateAndFailedTransfers()
    {
        Dictionary<string, string> details = new(StringComparer.Ordinal)
        {
            ["job_id"] = "j-1", ["azcopy_state"] = "CompletedWithErrors", ["failed_transfers"] = "2", ["skipped_transfers"] = "0",
        };
        LifecycleOperation failed = new LifecycleOperation(new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.NewGuid()), DateTimeOffset.UnixEpoch)
            .Fail(DateTimeOffset.UnixEpoch, new OperationError("azcopy-failed", "AzCopy reported 2 failed transfer(s)", details));

        JsonNode body = JsonNode.Parse(ClientResult.Of(failed))!;

        body["error_message"]!.GetValue<string>().Should().Be("AzCopy reported 2 failed transfer(s)");
        body["error_details"]!.ToJsonString().Should().Be(
            """{"type":"AzcopyFailedError","code":"azcopy-failed","job_id":"j-1","azcopy_state":"CompletedWithErrors","failed_transfers":2,"skipped_transfers":0}""");
        foreach (string name in new[] { "bytes_total", "files_total", "bytes_copied", "files_copied" })
            body[name].Should().BeNull();
    }

    /// <summary>The contents and not the folder: by a flag, and not by a pattern in the address (docs/azcopy.md).</summary>
    [Test]
    public void Copy_Arguments_NameContentsAndTokens()
    {
        AzCopyEndpoint source = new(new Location(LocationKind.Share, "https://f.example/s/demo", "https://f.example/s"), "sp=rl&sig=a");
        AzCopyEndpoint destination = new(new Location(LocationKind.Blob, "https://b.example/c/demo", "https://b.example/c"), "sp=racwd&sig=b");

        string command = AzCopyCommand.Copy(source, destination, new AzCopyCopyOptions(), new AzCopyOptions()).ToString();

        command.Should().Contain("https://f.example/s/demo").And.Contain("?sp=rl&sig=").And.Contain("https://b.example/c/demo?sp=racwd&sig=").And.Contain("--as-subdir=false").And.Contain("--recursive=true");
    }

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes<TestAttribute>().Any() || method.GetCustomAttributes<TestCaseAttribute>().Any() || method.GetCustomAttributes<TestCaseSourceAttribute>().Any();

    [GeneratedRegex(@"\| `(?<test>\w+\.\w+)` \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedTest();
}
