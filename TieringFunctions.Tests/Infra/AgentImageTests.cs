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

    [TestCase("repository list")]
    [TestCase("repository show-tags")]
    public async Task Registry_ThatDoesNotAnswer_GetsNoSecondImageOfAVersion(string call)
    {
        await RunAsync();
        temp.File("fails", call);

        (int code, string output, string _) = await PlayAsync();

        code.Should().NotBe(0);
        output.Should().BeEmpty();
        script.Calls().Count(made => made.StartsWith("acr build", StringComparison.Ordinal)).Should().Be(1, "what was shown is what is deployed");
    }

    [Test]
    public async Task Group_WithTwoRegistries_IsRefused()
    {
        temp.File("two-registries", "");

        (await PlayAsync()).Should().Match<(int Code, string Output, string Errors)>(end => end.Code == 1 && end.Errors.Contains("several registries"));
    }

    private async Task<string> RunAsync()
    {
        (int code, string output, string errors) = await PlayAsync();
        code.Should().Be(0, errors);
        return output;
    }

    private Task<(int Code, string Output, string Errors)> PlayAsync() => script.RunAsync(
        $$"""
        az() {
          cd '{{temp.Root}}'
          echo "$*" >> calls
          [[ ! -f fails || "$2 $3" != "$(cat fails)" ]] || { echo "429" >&2; return 1; }
          case "$1 $2 $3" in
            "acr list "*) [[ -f no-registry ]] || echo registry; [[ ! -f two-registries ]] || echo another ;;
            "acr repository list") [[ ! -f built ]] || printf 'another\ntiering-agent\n' ;;
            "acr repository show-tags") printf '17\n7\n' ;;
            "acr repository show") echo "{{Digest}}" ;;
            "acr build "*) touch built; echo "the log of a build" ;;
          esac
        }
        """,
        "group",
        "7");
}
