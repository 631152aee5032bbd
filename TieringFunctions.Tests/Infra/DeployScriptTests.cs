using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary><c>infra/deploy</c>, with functions in the place of the Azure CLI and of curl.</summary>
public sealed class DeployScriptTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);
    private static readonly string Parameters = Path.Combine(Tools.RepositoryRoot, "infra", "env", "dev.bicepparam");

    private TempFolder temp = null!;
    private PlayedScript script = null!;

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        script = new PlayedScript(temp, "deploy");
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [Test]
    public async Task Deploy_OfANewVersion_WaitsUntilThatOneAnswersAndIsReady()
    {
        (int code, string output, string errors) = await RunAsync(registry: "registry", answers: "6 6 7");

        (code, output).Should().Be((0, "Tiering 7 is ready at https://app.\n"), errors);
        script.Calls().Where(call => !call.StartsWith("az acr", StringComparison.Ordinal) && !call.Contains("deployment group show")).Should().Equal(
            $"az deployment group create --resource-group group --name tiering --parameters {Parameters} --output none, with {Digest}",
            $"az functionapp deployment source config-zip --resource-group group --name the-app --src {temp.At("package.zip")} --output none, with ",
            "curl https://app/api/health/live", "curl https://app/api/health/live", "curl https://app/api/health/live", "curl https://app/api/health/ready");
    }

    [Test]
    public async Task Deploy_WhenTheVersionBeforeGoesOnAnswering_Fails()
    {
        (int code, string output, string errors) = await RunAsync(registry: "registry", answers: "6");

        (code, output).Should().Be((1, ""));
        errors.Should().Contain("""says: {"status":"live","version":"6"}""").And.Contain("-p:InformationalVersion=7");
    }

    [Test]
    public async Task Deploy_TheVeryFirstTime_MakesTheResourcesAndAsksForTheSecrets()
    {
        (int code, _, string errors) = await RunAsync(registry: "", answers: "7");

        code.Should().Be(3);
        errors.Should().Contain("Put the secrets into the vault the-vault");
        script.Calls().Where(call => call.Contains("group create")).Should().ContainSingle().Which.Should().EndWith("with ", "there is no image");
        script.Calls().Should().NotContain(call => call.Contains("config-zip"));
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string registry, string answers) => script.RunAsync(
        $$"""
        calls='{{temp.Root}}/calls'
        az() {
          echo "az $*, with ${AGENT_DIGEST:-}" >> "$calls"
          case "$*" in
            "acr list"*) echo '{{registry}}' ;;
            "acr repository list"*) echo tiering-agent ;;
            "acr repository show-tags"*) echo 7 ;;
            "acr repository show"*) echo '{{Digest}}' ;;
            *outputs.appName*) echo the-app ;;
            *outputs.appUrl*) echo https://app ;;
            *outputs.vaultName*) echo the-vault ;;
          esac
        }
        curl() {
          echo "curl ${*: -1}" >> "$calls"
          local asked versions=({{answers}})
          asked=$(grep -c 'curl.*live' "$calls")
          (( asked <= ${#versions[@]} )) || asked=${#versions[@]}
          echo "{\"status\":\"live\",\"version\":\"${versions[asked - 1]}\"}"
        }
        sleep() { :; }
        """,
        "group",
        Parameters,
        "7",
        temp.File("package.zip", ""));
}
