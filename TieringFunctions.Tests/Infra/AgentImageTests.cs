using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary><c>infra/agent-image</c>, with a function in the place of the Azure CLI that plays a registry.</summary>
public sealed class AgentImageTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    private TempFolder temp = null!;
    private PlayedScript script = null!;

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        script = new PlayedScript(temp, "agent-image");
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
        script.Calls().Count(call => call.StartsWith("acr build", StringComparison.Ordinal)).Should().Be(1);
    }

    [Test]
    public async Task Group_WithoutARegistry_HasNoImageAndGetsNone()
    {
        temp.File("no-registry", "");

        (await RunAsync()).Should().BeEmpty();

        script.Calls().Should().ContainSingle().Which.Should().StartWith("acr list --resource-group group ");
    }

    private async Task<string> RunAsync()
    {
        (int code, string output, string errors) = await script.RunAsync(
            $$"""
            az() {
              echo "$*" >> '{{temp.Root}}/calls'
              case "$1 $2" in
                "acr list") [[ -f '{{temp.Root}}/no-registry' ]] || echo registry ;;
                "acr repository") [[ -f '{{temp.Root}}/built' ]] && echo "{{Digest}}" ;;
                "acr build") touch '{{temp.Root}}/built'; echo "the log of a build" ;;
              esac
            }
            """,
            "group",
            "7");
        code.Should().Be(0, errors);
        return output;
    }
}
