using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tiering.Core.Identity;
using Tiering.Core.TaskHubs;
using Tiering.Core.Transfers.Locations;
using Tiering.Emulators.Identity;
using Tiering.Functions.Embedded;
using Tiering.Tests.Support;

namespace Tiering.Tests.TaskHubs;

/// <summary>A task hub without keys: who reads it has a token of the Azure CLI, and Azurite's tables take tokens.</summary>
public sealed class SignedInTaskHubTests
{
    private TempFolder temp = null!;
    private AzuriteServer tables = null!;
    private HttpClient http = null!;

    private string Endpoint => tables.Endpoint.ToString().Replace("http:", "https:", StringComparison.Ordinal);

    [SetUp]
    public async Task SetUpAsync()
    {
        temp = new TempFolder();
        using X509Certificate2 certificate = TestCertificate.Write(temp.At("cert.pem"), temp.At("key.pem"));
        http = TestCertificate.Client(certificate);
        tables = await AzuriteServer.StartForTokensAsync(temp.At("cert.pem"), temp.At("key.pem"), "table");
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        http.Dispose();
        await tables.DisposeAsync();
        temp.Dispose();
    }

    [Test]
    public async Task List_WithATokenOfTheAzureCli_Reads_AndWithoutOne_IsRefused()
    {
        await using IdentityEmulator identities = await IdentityEmulator.StartAsync();
        using HttpClient platform = ManagedIdentity.CreateClient();
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["IDENTITY_ENDPOINT"] = identities.Endpoint.ToString(), ["IDENTITY_HEADER"] = identities.Secret };
        string token = await new ManagedIdentity(platform, IdentityEndpoint.Read(settings.GetValueOrDefault), TimeProvider.System).GetAsync(TokenResources.Storage, default);
        await CreateTableAsync("TieringInstances");

        (await CountAsync(new AzureCliTokens(Cli("good", token)))).Should().Be(0);
        Func<Task> refused = () => CountAsync(new AzureCliTokens(Cli("bad", "nonsense")));
        (await refused.Should().ThrowAsync<TaskHubUnreadableException>()).Which.Message.Should().Contain("Storage Table Data Reader").And.NotContain("nonsense");
    }

    private string Cli(string name, string token) => ShellProgram.Write(temp.At(name), $$"""echo '{"accessToken":"{{token}}"}'""");

    private async Task<int> CountAsync(ITokenSource tokens)
    {
        TaskHubReader reader = new(new TaskHubAccount(Endpoint, Endpoint, Signer: null), "Tiering", http, tokens, firstWait: TimeSpan.FromMilliseconds(1));
        int count = 0;
        await foreach (object _ in reader.ListLiveAsync(default))
            count++;
        return count;
    }

    private async Task CreateTableAsync(string name)
    {
        string sas = new SasSigner(AzuriteServer.Account, Convert.FromBase64String(AzuriteServer.Key)).ForAccount("t", "sco", "rwdlacu", DateTimeOffset.UtcNow.AddHours(1), httpsOnly: true);
        using HttpRequestMessage request = new(HttpMethod.Post, $"{Endpoint}/Tables?{sas}") { Content = new StringContent($$"""{"TableName":"{{name}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json;odata=nometadata");
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.Created);
    }
}
