using System.Net;
using System.Text.Json;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.TaskHubs;
using Tiering.Core.Transfers.Inventories;
using Tiering.Tests.EmbeddedHost.AzureHubs;
using Tiering.Tests.Support;

namespace Tiering.Tests.TaskHubs;

public sealed class TaskHubReaderTests
{
    private static readonly TaskHubAccount OnAzure = TaskHubAccount.Parse("accountname", null);

    [Test]
    public async Task Read_OfMoreThanOnePage_GivesAllInOrder()
    {
        string hub = await HubAccount.CreateAsync();
        HubFixture[] all = [.. new[] { "hub-waits", "adopt", "hub-suspended", "delivery" }.Select(HubFixture.Read), HubFixture.Read("hub-waits") with { Id = "it's ^0 here" }];
        await HubAccount.AddAsync(hub, all);
        TaskHubReader reader = Reader(hub, rowsInOnePage: 2);

        List<string> live = [];
        await foreach (IReadOnlyDictionary<string, JsonElement> instance in reader.ListLiveAsync(default))
            live.Add(instance["PartitionKey"].GetString()!);
        live.Should().BeEquivalentTo(["hub-waits", "hub-suspended", "delivery", "it's ^0 here"], "adopt has ended");
        foreach (HubFixture one in all)
        {
            (await reader.ReadHistoryAsync(one.Id, default)).Select(row => row["RowKey"].GetString()).Should().Equal(one.Rows.Select(row => (string?)row["RowKey"]), one.Id);
            (await reader.FindInstanceAsync(one.Id, default))!["RuntimeStatus"].GetString().Should().Be((string?)one.Instance["RuntimeStatus"]);
        }
        (await reader.FindInstanceAsync("nobody", default)).Should().BeNull();
    }

    [Test]
    public async Task ReadLarge_OfABlob_UnpacksIt()
    {
        string hub = await HubAccount.CreateAsync();
        string text = $"\"{new string('ü', 100_000)}\"";
        await HubAccount.AddBlobAsync(hub, "some ü/history-1.json.gz", text);
        (await Reader(hub).ReadLargeAsync("some ü/history-1.json.gz", default)).Should().Be(text);
        (await Reader(hub).ReadLargeAsync("some ü/history-2.json.gz", default)).Should().BeNull();
        (await Reader("Hubless").ReadLargeAsync("some ü/history-1.json.gz", default)).Should().BeNull();
    }

    [Test]
    public async Task List_OfAHubThatIsNotThere_SaysSo()
    {
        Func<Task> list = async () => await Reader("Hubless").ListLiveAsync(default).GetAsyncEnumerator().MoveNextAsync();
        (await list.Should().ThrowAsync<TaskHubUnreadableException>()).Which.Message.Should().Contain("There is no task hub Hubless in ").And.Contain("the table HublessInstances is missing");
    }

    [Test]
    public async Task List_WithoutTheRight_NamesTheRoles()
    {
        using Script script = new(_ => Answer(HttpStatusCode.Forbidden, "", ("x-ms-error-code", "AuthorizationPermissionMismatch")));
        Func<Task> list = async () => await OnAzureReader(script).ListLiveAsync(default).GetAsyncEnumerator().MoveNextAsync();
        (await list.Should().ThrowAsync<TaskHubUnreadableException>()).Which.Message.Should().Contain("403 AuthorizationPermissionMismatch")
            .And.Contain("Storage Table Data Reader and Storage Blob Data Reader").And.NotContain("the-token");
    }

    [Test]
    public async Task List_OfABusyService_AsksAgain_SignedIn()
    {
        Queue<HttpResponseMessage> answers = new(
        [
            Answer(HttpStatusCode.TooManyRequests, ""),
            Answer(HttpStatusCode.ServiceUnavailable, ""),
            Answer(HttpStatusCode.OK, """{"value":[{"PartitionKey":"a"""),
            Answer(HttpStatusCode.OK, """{"value":[{"PartitionKey":"a"}]}""", ("x-ms-continuation-NextPartitionKey", "1!8!YQ--"), ("x-ms-continuation-NextRowKey", "1!0!")),
            Answer(HttpStatusCode.OK, """{"value":[{"PartitionKey":"b"}]}"""),
        ]);
        List<string> asked = [];
        using Script script = new(request =>
        {
            asked.Add($"{request.Headers.Authorization} {request.Headers.GetValues("x-ms-version").Single()} {request.RequestUri}");
            return answers.Dequeue();
        });
        List<string> found = [];
        await foreach (IReadOnlyDictionary<string, JsonElement> row in OnAzureReader(script).ListLiveAsync(default))
            found.Add(row["PartitionKey"].GetString()!);

        found.Should().Equal("a", "b");
        asked.Should().HaveCount(5).And.OnlyContain(line => line.StartsWith("Bearer the-token 2020-12-06 https://accountname.table.core.windows.net/TieringInstances()?$filter="));
        asked[^1].Should().EndWith("&NextPartitionKey=1%218%21YQ--&NextRowKey=1%210%21");
    }

    [Test]
    public async Task List_OfAServiceThatDoesNotAnswer_GivesUp()
    {
        using Script script = new(_ => Answer(HttpStatusCode.ServiceUnavailable, ""));
        Func<Task> list = async () => await OnAzureReader(script).ListLiveAsync(default).GetAsyncEnumerator().MoveNextAsync();
        await list.Should().ThrowAsync<StoreUnavailableException>();
    }

    [TestCase("accountname", "https://accountname.table.core.windows.net", "https://accountname.blob.core.windows.net")]
    [TestCase("https://x.table.core.chinacloudapi.cn/", "https://x.table.core.chinacloudapi.cn", "https://x.blob.core.chinacloudapi.cn")]
    public void Account_ByNameOrAddress_HasBothServices(string account, string tables, string blobs) =>
        TaskHubAccount.Parse(account, null).Should().Be(new TaskHubAccount(tables, blobs, Signer: null));

    [TestCase("Account_Name")]
    [TestCase("http://x.table.core.windows.net")]
    [TestCase("https://x.table.core.windows.net/?sig=secret")]
    [TestCase("https://x.blob.core.windows.net")]
    public void Account_OfAnotherForm_IsRefused(string account) =>
        FluentActions.Invoking(() => TaskHubAccount.Parse(account, null)).Should().Throw<ConfigurationException>().Which.Message.Should().NotContain("secret");

    [TestCase("AccountName=other;AccountKey=a2V5")]
    [TestCase("AccountName=accountname;AccountKey=secret!")]
    [TestCase("AccountName=accountname")]
    [TestCase("AccountName=accountname;AccountKey=a2V5;TableEndpoint=secret")]
    [TestCase("secret")]
    public void Account_OfAWrongConnectionString_IsRefusedWithoutShowingIt(string connection) =>
        FluentActions.Invoking(() => TaskHubAccount.Parse("accountname", connection)).Should().Throw<ConfigurationException>()
            .Which.Message.Should().StartWith(TaskHubAccount.ConnectionSetting).And.NotContain("secret").And.NotContain("a2V5");

    [Test]
    public void Account_OfAConnectionString_TellsNoKey()
    {
        TaskHubAccount account = TaskHubAccount.Parse("accountname", "DefaultEndpointsProtocol=https;AccountName=accountname;AccountKey=a2V5;EndpointSuffix=core.windows.net");
        account.Should().BeEquivalentTo(new { Tables = "https://accountname.table.core.windows.net", Blobs = "https://accountname.blob.core.windows.net" });
        account.ToString().Should().Be("https://accountname.table.core.windows.net");
    }

    private static TaskHubReader Reader(string hub, int rowsInOnePage = 1000) =>
        new(TaskHubAccount.Parse(AzuriteServer.Account, HubAccount.Connection), hub, ProjectStores.CreateClient(), new NoTokens(), rowsInOnePage);

    private static TaskHubReader OnAzureReader(Script script) => new(OnAzure, "Tiering", new HttpClient(script, disposeHandler: false), new Tokens(), firstWait: TimeSpan.FromMilliseconds(1));

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
    {
        HttpResponseMessage answer = new(status) { Content = new StringContent(body) };
        foreach ((string name, string value) in headers)
            answer.Headers.Add(name, value);
        return answer;
    }

    private sealed class Tokens : ITokenSource
    {
        public ValueTask<string> GetAsync(string resource, CancellationToken cancellation) => ValueTask.FromResult("the-token");
    }

    private sealed class Script(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
