using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Functions.Embedded;
using Tiering.Tests.Support;

namespace Tiering.Tests.TaskHubs;

public sealed class AzureCliTokensTests
{
    [Test]
    public async Task Get_OfASignedInCli_AsksOnceForEachResource()
    {
        using TempFolder folder = new();
        AzureCliTokens tokens = new(Program(folder, """echo "$@" >> "$0.asked"; echo '{"accessToken":"the-token","expires_on":1}'"""));
        (await tokens.GetAsync(TokenResources.Storage, default)).Should().Be("the-token");
        (await tokens.GetAsync(TokenResources.Storage, default)).Should().Be("the-token");
        tokens.Refused(TokenResources.Storage);
        (await tokens.GetAsync(TokenResources.Storage, default)).Should().Be("the-token");
        string[] asked = await File.ReadAllLinesAsync(Path.Combine(folder.Root, "az.asked"));
        asked.Should().HaveCount(2).And.OnlyContain(line => line == "account get-access-token --resource https://storage.azure.com --output json");
    }

    [TestCase("echo 'ERROR: Please run az login. access_token=secret' >&2; exit 1", "The Azure CLI gives no token: ERROR: Please run az login. access_token=REDACTED Sign in with az login.")]
    [TestCase("echo 'secret'", "The Azure CLI gives no token: Its answer holds no token. Sign in with az login.")]
    public async Task Get_WithoutAToken_SaysWhy(string script, string why)
    {
        using TempFolder folder = new();
        AzureCliTokens tokens = new(Program(folder, script));
        await tokens.Awaiting(cli => cli.GetAsync(TokenResources.Storage, default).AsTask()).Should().ThrowAsync<TieringException>().WithMessage(why);
    }

    [Test]
    public async Task Get_WithoutTheCli_SaysSo() => await new AzureCliTokens("/nowhere/az").Awaiting(cli => cli.GetAsync(TokenResources.Storage, default).AsTask())
        .Should().ThrowAsync<TieringException>().WithMessage("The Azure CLI gives no token: There is no program az.*");

    private static string Program(TempFolder folder, string script) => ShellProgram.Write(Path.Combine(folder.Root, "az"), script);
}
