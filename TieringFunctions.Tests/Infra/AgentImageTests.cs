using System.Diagnostics;
using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary><c>infra/agent-image</c>, with a function in the place of the Azure CLI that plays a registry.</summary>
public sealed class AgentImageTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    private TempFolder temp = null!;

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        temp.File("azure-cli", $$"""
            az() {
              echo "$*" >> '{{temp.Root}}/calls'
              case "$1 $2" in
                "acr list") [[ -f '{{temp.Root}}/no-registry' ]] || echo registry ;;
                "acr repository") [[ -f '{{temp.Root}}/built' ]] && echo "{{Digest}}" ;;
                "acr build") touch '{{temp.Root}}/built'; echo "the log of a build" ;;
              esac
            }
            """);
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Version_ThatIsNotThere_IsBuiltOnce()
    {
        string first = await RunAsync();
        string second = await RunAsync();

        first.Should().Be(Digest + "\n", "nothing but the digest is printed");
        second.Should().Be(first);
        Calls().Count(call => call.StartsWith("acr build", StringComparison.Ordinal)).Should().Be(1);
    }

    [Test]
    public async Task Group_WithoutARegistry_HasNoImageAndGetsNone()
    {
        temp.File("no-registry", "");

        (await RunAsync()).Should().BeEmpty();

        Calls().Should().ContainSingle().Which.Should().StartWith("acr list --resource-group group ");
    }

    private async Task<string> RunAsync()
    {
        ProcessStartInfo start = new(Path.Combine(Tools.RepositoryRoot, "infra", "agent-image")) { ArgumentList = { "group", "7" }, UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["BASH_ENV"] = temp.At("azure-cli"); // read by every bash before its script
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0);
        return output;
    }

    private string[] Calls() => File.ReadAllLines(temp.At("calls"));
}
