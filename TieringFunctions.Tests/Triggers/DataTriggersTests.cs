using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Triggers;

/// <summary>The wire of Euphrosyne's contract, chapters 3 to 6 and 9.</summary>
public sealed class DataTriggersTests
{
    private const string Id = "8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55";
    private ServiceUnderTest service = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        service = await ServiceUnderTest.StartAsync();
        client = service.Euphrosyne();
        await service.AddProjectAsync("demo");
    }

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [Test]
    public async Task Cool_New_IsAcceptedRecordedAndStarted()
    {
        (int status, string body) = await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).ReadAsync();

        status.Should().Be(202, body);
        body.Should().Be($$"""{"project_slug":"demo","operation_id":"{{Id}}","type":"COOL","status":"ACCEPTED"}""");
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        (await service.Catalogue.FindOperationAsync(key, default))!.RequestedBy.Should().Be("euphrosyne");
        service.Starter.Asked.Should().Equal($"start {key.InstanceId}");
    }

    [Test]
    public async Task Restore_New_IsAccepted()
    {
        await service.AddProjectAsync("kept", LifecycleState.Cool);

        (int status, string body) = await client.PostAsync($"/data/projects/kept/restore?operation_id={Id}", null).ReadAsync();

        (status, body).Should().Be((202, $$"""{"project_slug":"kept","operation_id":"{{Id}}","type":"RESTORE","status":"ACCEPTED"}"""));
    }

    [TestCase("8F0C2D6E-7B0A-4B5E-9C61-2F6D3A1B7E55")]
    [TestCase("8f0c2d6e7b0a4b5e9c612f6d3a1b7e55")]
    [TestCase("{8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55}")]
    [TestCase("urn:uuid:8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55")]
    [TestCase("URN:UUID:8F0C2D6E-7B0A-4B5E-9C61-2F6D3A1B7E55")]
    public async Task Cool_RepeatedInAnotherSpelling_IsTheSameOperation(string spelling)
    {
        string first = (await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).ReadAsync()).Body;

        (int status, string body) = await client.PostAsync($"/data/projects/demo/cool?operation_id={Uri.EscapeDataString(spelling)}", null).ReadAsync();

        (status, body).Should().Be((202, first));
        (await service.Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().ContainSingle();
        JsonNode view = await client.GetAsync($"/data/projects/demo/cool/{Uri.EscapeDataString(spelling)}").JsonAsync(200);
        view["operation_id"]!.GetValue<string>().Should().Be(Id);
    }

    [TestCase("not-a-uuid")]
    [TestCase("")]
    [TestCase(" 8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55")]
    [TestCase("(8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55)")]
    [TestCase("8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55\n")]
    [TestCase("+f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55")]
    public async Task Cool_MalformedId_Is422AndNothingStarts(string text)
    {
        JsonNode body = await client.PostAsync($"/data/projects/demo/cool?operation_id={Uri.EscapeDataString(text)}", null).JsonAsync(422);

        JsonNode error = body["detail"]!.AsArray().Single()!;
        error["type"]!.GetValue<string>().Should().Be("uuid_parsing");
        error["loc"]!.ToJsonString().Should().Be("""["query","operation_id"]""");
        error["input"]!.GetValue<string>().Should().Be(text);
        service.Starter.Asked.Should().BeEmpty();
    }

    [Test]
    public async Task Cool_MissingId_Is422() =>
        (await client.PostAsync("/data/projects/demo/cool", null).ReadAsync()).Should()
            .Be((422, """{"detail":[{"type":"missing","loc":["query","operation_id"],"msg":"Field required"}]}"""));

    [TestCase("Operation_Id")]
    [TestCase("OPERATION_ID")]
    [TestCase("operationId")]
    [TestCase("operation_id%00")]
    public async Task Cool_IdUnderAnotherName_Is422AndNothingStarts(string name)
    {
        (await client.PostAsync($"/data/projects/demo/cool?{name}={Id}", null).ReadAsync()).Should()
            .Be((422, """{"detail":[{"type":"missing","loc":["query","operation_id"],"msg":"Field required"}]}"""));
        service.Starter.Asked.Should().BeEmpty();
    }

    [TestCase("%20demo", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("demo%09", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("demo%0A", "project_slug must not contain leading or trailing whitespace")]
    [TestCase("a%2Fb", @"project_slug must not contain '/' or '\'")]
    [TestCase("a%2fb", @"project_slug must not contain '/' or '\'")]
    [TestCase("%2e%2e%2fetc", @"project_slug must not contain '/' or '\'")]
    [TestCase("a%5Cb", @"project_slug must not contain '/' or '\'")]
    [TestCase("a..b", "project_slug must not contain '..'")]
    [TestCase("%252e%252e", "project_slug contains a character that is not allowed")]
    [TestCase("%252e%252e%252f", "project_slug contains a character that is not allowed")]
    [TestCase("a%252Fb", "project_slug contains a character that is not allowed")]
    [TestCase("a%3Fb", "project_slug contains a character that is not allowed")]
    [TestCase("a%23b", "project_slug contains a character that is not allowed")]
    [TestCase("a*b", "project_slug contains a character that is not allowed")]
    [TestCase("a:b", "project_slug contains a character that is not allowed")]
    [TestCase("a%01b", "project_slug contains a character that is not allowed")]
    [TestCase("a%FFb", "project_slug contains a character that is not allowed")]
    public async Task Slug_Refused_Is400WithTheRule(string raw, string rule)
    {
        foreach (string path in new[] { $"cool?operation_id={Id}", $"restore?operation_id={Id}", $"delete/HOT?operation_id={Id}&file_count=1&total_size=1" })
        {
            (int status, string body) = await RawAsync("POST", $"/data/projects/{raw}/{path}");
            status.Should().Be(400, body);
            JsonNode.Parse(body)!["detail"]!.GetValue<string>().Should().Be(rule);
        }
        (await RawAsync("GET", $"/data/projects/{raw}/cool/{Id}")).Status.Should().Be(400);
        service.Starter.Asked.Should().BeEmpty();
    }


    [TestCase("POST", "/data/projects/../cool")]
    [TestCase("POST", "/data/projects//cool")]
    [TestCase("POST", "/data/projects/%2e%2e/cool")]
    [TestCase("GET", "/data")]
    [TestCase("GET", "/data/")]
    [TestCase("GET", "/data/projects/demo")]
    [TestCase("POST", "/data/projects/demo/freeze")]
    [TestCase("POST", "/data/projects/demo/cool/x/y")]
    public async Task Path_Unknown_Is404(string method, string path) =>
        (await RawAsync(method, path)).Should().Be((404, """{"detail":"Not Found"}"""));

    [TestCase("POST", $"/data/projects/demo/cool/?operation_id={Id}")]
    [TestCase("POST", $"/data/projects/demo/restore/?operation_id={Id}")]
    [TestCase("POST", $"/data/projects/demo/delete/HOT/?operation_id={Id}&file_count=1&total_size=1")]
    [TestCase("GET", $"/data/projects/demo/cool/{Id}/")]
    [TestCase("PUT", "/data/projects/demo/cool/")]
    [TestCase("POST", $"/data/projects/demo/cool//?operation_id={Id}")]
    [TestCase("POST", $"/data/projects/demo/cool/.?operation_id={Id}")]
    [TestCase("POST", $"/data/projects/demo/COOL?operation_id={Id}")]
    [TestCase("POST", $"/Data/Projects/demo/cool?operation_id={Id}")]
    [TestCase("PUT", "/DATA/projects/demo/cool")]
    public async Task Path_SlashAtTheEndOrOtherCase_Is404AndStartsNothing(string method, string path)
    {
        (await RawAsync(method, path)).Should().Be((404, """{"detail":"Not Found"}"""));
        service.Starter.Asked.Should().BeEmpty();
        (await service.Catalogue.ListUnfinishedAsync(default)).Should().BeEmpty();
    }

    [TestCase("GET", "/data/projects/demo/cool")]
    [TestCase("PUT", "/data/projects/demo/restore")]
    [TestCase("POST", $"/data/projects/demo/cool/{Id}")]
    [TestCase("DELETE", "/data/projects/demo/delete/HOT")]
    public async Task Method_Unknown_Is405(string method, string path) =>
        (await RawAsync(method, path)).Should().Be((405, """{"detail":"Method Not Allowed"}"""));

    [Test]
    public async Task Cool_UnknownProject_Is404()
    {
        JsonNode body = await client.PostAsync($"/data/projects/nobody/cool?operation_id={Id}", null).JsonAsync(404);

        body["detail"]!.GetValue<string>().Should().Be("There is no project nobody.");
    }

    [Test]
    public async Task Cool_BusyOrInTheWrongState_Is409()
    {
        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
        JsonNode busy = await client.PostAsync($"/data/projects/demo/cool?operation_id={Guid.NewGuid()}", null).JsonAsync(409);
        busy["detail"]!.GetValue<string>().Should().Contain("is held by");

        await service.AddProjectAsync("other");
        await client.PostAsync($"/data/projects/other/restore?operation_id={Guid.NewGuid()}", null).JsonAsync(409);
    }

    [Test]
    public async Task Cool_StartFails_IsAcceptedAllTheSame()
    {
        service.Starter.Failure = new InvalidOperationException("the task hub is away");

        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);

        (await service.Catalogue.ListUnfinishedAsync(default)).Should().ContainSingle();
    }

    [Test]
    public async Task Cool_RepeatedAfterTheEnd_IsNotStartedAgain()
    {
        OperationKey key = await AcceptAsync();
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("x", "y") }, default);
        service.Starter.Asked.Clear();

        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);

        service.Starter.Asked.Should().BeEmpty();
    }

    [Test]
    public async Task Show_FromPendingToTheEnd_HasTheNineFields()
    {
        OperationKey key = await AcceptAsync();
        (await ShowAsync()).Should().Be($$"""{"operation_id":"{{Id}}","project_slug":"demo","type":"COOL","status":"PENDING","bytes_total":0,"files_total":0,"bytes_copied":0,"files_copied":0,"progress_percent":0.0}""");

        await service.Catalogue.StartAsync(key, default);
        await service.Catalogue.ReportAsync(key, new DataSize(20, 200), new DataSize(5, 100), 50, [], default);
        (await ShowAsync()).Should().Be($$"""{"operation_id":"{{Id}}","project_slug":"demo","type":"COOL","status":"RUNNING","bytes_total":200,"files_total":20,"bytes_copied":100,"files_copied":5,"progress_percent":50.0}""");

        await service.Catalogue.FinishAsync(key, new OperationOutcome { Total = new DataSize(20, 200), Copied = new DataSize(20, 200), Proof = "full" }, default);
        (await ShowAsync()).Should().Be($$"""{"operation_id":"{{Id}}","project_slug":"demo","type":"COOL","status":"SUCCEEDED","bytes_total":200,"files_total":20,"bytes_copied":200,"files_copied":20,"progress_percent":100.0}""");
    }

    [Test]
    public async Task Show_Failed_HasMessageAndFacts()
    {
        OperationKey key = await AcceptAsync();
        OperationError error = new("azcopy-failed", "AzCopy reported 2 failed transfer(s)", new Dictionary<string, string> { ["jobId"] = "j-1", ["failedTransfers"] = "2" });
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = error }, default);

        JsonNode details = JsonNode.Parse(await ShowAsync())!["error_details"]!;

        details.ToJsonString().Should().Be("""{"message":"AzCopy reported 2 failed transfer(s)","raw":{"type":"AzcopyFailedError","code":"azcopy-failed","job_id":"j-1","failed_transfers":2}}""");
    }

    [Test]
    public async Task Show_OtherProjectOrType_Is404AndMalformedId422()
    {
        await AcceptAsync();
        await service.AddProjectAsync("other");

        (await client.GetAsync($"/data/projects/other/cool/{Id}").ReadAsync()).Should().Be((404, """{"detail":"Operation not found"}"""));
        (await client.GetAsync($"/data/projects/demo/restore/{Id}").ReadAsync()).Should().Be((404, """{"detail":"Operation not found"}"""));
        JsonNode body = await client.GetAsync("/data/projects/demo/cool/not-a-uuid").JsonAsync(422);
        body["detail"]![0]!["loc"]!.ToJsonString().Should().Be("""["path","operation_id"]""");
    }

    [Test]
    public async Task Delete_OfAVerifiedOperation_IsAcceptedOnce()
    {
        OperationKey key = await AcceptAsync();
        await service.Catalogue.StartAsync(key, default);
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Total = new DataSize(2, 5_000_000_000), Copied = new DataSize(2, 5_000_000_000), Proof = "full" }, default);
        string path = $"/data/projects/demo/delete/HOT?operation_id={Id}&file_count=2&total_size=5000000000";

        (int status, string body) = await client.PostAsync(path, null).ReadAsync();

        (status, body).Should().Be((202, $$"""{"project_slug":"demo","operation_id":"{{Id}}","storage_role":"HOT","phase":"FROM_DATA_DELETION","status":"ACCEPTED"}"""));
        (await client.PostAsync(path, null).ReadAsync()).Should().Be((202, body));
        SourceDeletion deletion = (await service.Catalogue.FindDeletionAsync(key, default))!;
        deletion.Should().BeEquivalentTo(new { Status = DeletionStatus.Running, Generation = 1, Expected = new DataSize(2, 5_000_000_000) });
        service.Starter.Asked.Should().Contain($"delete {key.DeletionInstanceId} 1");
    }

    [Test]
    public async Task Delete_MalformedParameters_AreToldTogether()
    {
        JsonNode body = await client.PostAsync("/data/projects/demo/delete/hot?operation_id=x&file_count=-1&total_size=1.5", null).JsonAsync(422);

        body["detail"]!.AsArray().Select(error => $"{error!["loc"]!.ToJsonString()} {error["type"]}").Should().Equal(
            """["path","storage_role"] enum""",
            """["query","operation_id"] uuid_parsing""",
            """["query","file_count"] greater_than_equal""",
            """["query","total_size"] int_parsing""");
        JsonNode missing = await client.PostAsync($"/data/projects/demo/delete/HOT?operation_id={Id}", null).JsonAsync(422);
        missing["detail"]!.AsArray().Select(error => error!["type"]!.GetValue<string>()).Should().Equal("missing", "missing");
    }

    [Test]
    public async Task Refused_Request_IsAuditedWithItsCaller()
    {
        await client.PostAsync($"/data/projects/nobody/cool?operation_id={Id}", null).JsonAsync(404);

        AuditEntry entry = (await service.Audit.ListAsync(new AuditQuery("nobody"), default)).Entries.Single();
        entry.Should().BeEquivalentTo(new { Who = "euphrosyne", Action = "operation", Outcome = "refused", From = "127.0.0.1", Type = OperationType.Cool });
    }

    [Test]
    public async Task Post_RoleNotSetUp_Is503AndRecordsNothing()
    {
        await using ServiceUnderTest uncooled = await ServiceUnderTest.StartAsync(("DATA_BACKEND_COOL", null));
        await uncooled.AddProjectAsync("demo");
        using HttpClient caller = uncooled.Euphrosyne();

        (int status, string body) = await caller.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).ReadAsync();

        (status, body).Should().Be((503, """{"detail":"Cooling is disabled because DATA_BACKEND_COOL is not set"}"""));
        (await uncooled.Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().BeEmpty();
    }

    [Test]
    public async Task DropIn_ProjectNobodyRegistered_IsAccepted()
    {
        await using ServiceUnderTest dropIn = await ServiceUnderTest.StartAsync(("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:9/"));
        using HttpClient caller = dropIn.Euphrosyne();

        await caller.PostAsync($"/data/projects/theirs/restore?operation_id={Id}", null).JsonAsync(202);
        await caller.PostAsync($"/data/projects/theirs/cool?operation_id={Id}", null).JsonAsync(409);
    }

    private async Task<OperationKey> AcceptAsync()
    {
        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
        return new OperationKey(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
    }

    private async Task<string> ShowAsync() => (await client.GetAsync($"/data/projects/demo/cool/{Id}").ReadAsync()).Body;

    /// <summary>Sends a path byte for byte; an HTTP client would tidy it up.</summary>
    private async Task<(int Status, string Body)> RawAsync(string method, string path)
    {
        using TcpClient connection = new();
        await connection.ConnectAsync(IPAddress.Loopback, service.Address.Port);
        NetworkStream stream = connection.GetStream();
        string head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {client.DefaultRequestHeaders.Authorization}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        using StreamReader reader = new(stream, Encoding.UTF8);
        string answer = await reader.ReadToEndAsync();
        string body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (answer.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            body = string.Concat(body.Split("\r\n").Where((_, i) => i % 2 == 1));
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), body);
    }
}
