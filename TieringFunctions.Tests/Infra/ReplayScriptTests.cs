using Tiering.Tests.Support;

namespace Tiering.Tests.Infra;

/// <summary><c>infra/replay</c>, with functions in the place of the Azure CLI and of dotnet.</summary>
public sealed class ReplayScriptTests
{
    private TempFolder temp = null!;
    private PlayedScript script = null!;

    [SetUp]
    public void SetUp()
    {
        temp = new TempFolder();
        script = new PlayedScript(temp, "replay");
    }

    [TearDown]
    public void TearDown() => temp.Dispose();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task Replay_OfADeployment_AsksItsHub_AndSaysWhatTheCommandSays(int code)
    {
        (int exit, string output, string _) = await RunAsync("https://hostaccount.table.core.windows.net/", code);

        (exit, output).Should().Be((code, "what was found\n"), "nothing of a build is among it");
        script.Calls().Should().Equal(
            "az account get-access-token --resource https://storage.azure.com --output none",
            "az deployment group show --resource-group group --name tiering --query properties.outputs.appName.value --output tsv",
            "az functionapp config appsettings list --resource-group group --name the-app --query [?name=='AzureWebJobsStorage__tableServiceUri'].value | [0] --output tsv",
            "dotnet build TieringFunctions --configuration Release --verbosity quiet --nologo",
            "dotnet build TieringCli --configuration Release --verbosity quiet --nologo",
            "dotnet TieringCli/bin/Release/net10.0/tiering.dll replay --azure https://hostaccount.table.core.windows.net/ --build TieringFunctions/bin/Release/net10.0");
    }

    [Test]
    public async Task Replay_OfAnAppWithoutAHub_IsRefused()
    {
        (int exit, string output, string errors) = await RunAsync("", 0);

        (exit, output).Should().Be((2, ""));
        errors.Should().Contain("The app the-app does not say where its task hub lies");
        script.Calls().Should().HaveCount(3, "nothing is built for it");
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string tables, int code) => script.RunAsync(
        $$"""
        az() {
          echo "az $*" >> '{{temp.Root}}/calls'
          case "$1" in
            deployment) echo the-app ;;
            functionapp) echo '{{tables}}' ;;
          esac
        }
        dotnet() {
          echo "dotnet $*" >> '{{temp.Root}}/calls'
          [[ $1 == build ]] && { echo "the log of a build"; return 0; }
          echo "what was found"
          return {{code}}
        }
        """,
        "group");
}
