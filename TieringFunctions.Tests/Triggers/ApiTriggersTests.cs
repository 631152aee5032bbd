using System.Text;
using System.Text.Json.Nodes;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Manifests;

namespace Tiering.Tests.Triggers;

/// <summary>Tiering's own API.</summary>
public sealed class ApiTriggersTests
{
    private const string Id = "8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55";
    private static readonly DataSize Size = new(2, 2048);
    private ServiceUnderTest service = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        service = await ServiceUnderTest.StartAsync();
        client = service.Operator();
    }

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [Test]
    public async Task Projects_AddListShowRemove_Work()
    {
        JsonNode added = await PostAsync("/api/projects", """{"slug":"été 1"}""").JsonAsync(201);
        added.ToJsonString(TieringJson.Options).Should().Be("""{"slug":"été 1","state":"HOT","addedAt":"2026-03-12T12:00:00+00:00","createdAt":"2026-03-12T12:00:00+00:00","coolingEligibleAt":"2028-03-01"}""");
        await PostAsync("/api/projects", """{"slug":"été 1","state":"HOT"}""").JsonAsync(201);
        await PostAsync("/api/projects", """{"slug":"kept","state":"COOL"}""").JsonAsync(201);

        (await client.GetAsync("/api/projects/%C3%A9t%C3%A9%201").JsonAsync(200)).ToJsonString(TieringJson.Options).Should().Be(added.ToJsonString(TieringJson.Options));
        JsonNode first = await client.GetAsync("/api/projects?limit=1").JsonAsync(200);
        first["items"]!.AsArray().Should().ContainSingle();
        JsonNode second = await client.GetAsync($"/api/projects?limit=5&after={first["continuation"]}").JsonAsync(200);
        second["items"]![0]!["slug"]!.GetValue<string>().Should().Be("été 1");
        second["continuation"].Should().BeNull();

        (await client.DeleteAsync("/api/projects/kept").ReadAsync()).Should().Be((204, ""));
        (await client.GetAsync("/api/projects/kept").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("project-unknown");
        (await client.DeleteAsync("/api/projects/kept").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("project-unknown");
    }

    [TestCase("""{}""", "slug", "slug is not usable: project_slug must be provided.")]
    [TestCase("""{"slug":"a/b"}""", "slug", @"slug is not usable: project_slug must not contain '/' or '\'.")]
    [TestCase("""{"slug":7}""", "slug", "slug must be a text.")]
    [TestCase("""{"slug":"a","state":"WARM"}""", "state", "state must be HOT or COOL.")]
    [TestCase("""{"slug":"a","stat":"HOT"}""", "stat", "stat is not known here; the fields are slug, state, createdAt, runs.")]
    [TestCase("""["a"]""", "body", "body must be a JSON object.")]
    [TestCase("""{"slug":""", "body", "body must be a JSON object.")]
    public async Task AddProject_BadField_IsNamedWithItsRule(string body, string field, string detail)
    {
        JsonNode problem = await PostAsync("/api/projects", body).JsonAsync(400);

        (problem["field"]!.GetValue<string>(), problem["detail"]!.GetValue<string>(), problem["code"]!.GetValue<string>()).Should().Be((field, detail, "invalid-field"));
    }

    [Test]
    public async Task AddProject_KnownInAnotherState_Is409()
    {
        await service.AddProjectAsync("demo");

        (await PostAsync("/api/projects", """{"slug":"demo","state":"COOL"}""").JsonAsync(409))["code"]!.GetValue<string>().Should().Be("project-exists");
    }

    [Test]
    public async Task Cool_WithAKey_IsAcceptedAndTheSameWhenRepeated()
    {
        await service.AddProjectAsync("demo");

        JsonNode first = await PostAsync("/api/projects/demo/cool", null, Id).JsonAsync(202);
        JsonNode second = await PostAsync("/api/projects/demo/cool", $$"""{"operationId":"{{Id.ToUpperInvariant()}}"}""").JsonAsync(202);

        first.ToJsonString(TieringJson.Options).Should().Be($$"""{"id":"{{Id}}","project":"demo","type":"COOL","status":"PENDING","requestedBy":"operator","acceptedAt":"2026-03-12T12:00:00+00:00","copied":{"files":0,"bytes":0},"percent":0,"azCopyJobs":[],"unwitnessed":false}""");
        second.ToJsonString(TieringJson.Options).Should().Be(first.ToJsonString(TieringJson.Options));
        service.Starter.Asked.Should().HaveCount(2).And.OnlyContain(asked => asked == service.Starter.Asked.First());
    }

    [Test]
    public async Task Cool_WithoutAKey_GetsAFreshId()
    {
        await service.AddProjectAsync("demo");

        JsonNode view = await PostAsync("/api/projects/demo/cool", null).JsonAsync(202);

        (await client.GetAsync($"/api/operations/{view["id"]}").JsonAsync(200))["project"]!.GetValue<string>().Should().Be("demo");
    }

    [Test]
    public async Task Cool_BadKeys_AreRefused()
    {
        await service.AddProjectAsync("demo");

        (await PostAsync("/api/projects/demo/cool", null, "7").JsonAsync(400))["field"]!.GetValue<string>().Should().Be("Idempotency-Key");
        (await PostAsync("/api/projects/demo/cool", """{"operationId":"7"}""").JsonAsync(400))["field"]!.GetValue<string>().Should().Be("operationId");
        (await PostAsync("/api/projects/demo/cool", $$"""{"operationId":"{{Id}}"}""", Guid.NewGuid().ToString()).JsonAsync(400))["field"]!.GetValue<string>().Should().Be("operationId");
        (await PostAsync("/api/projects/demo/cool", $$"""{"operationId":"{{new string('x', 70_000)}}"}""").JsonAsync(400))["field"]!.GetValue<string>().Should().Be("body");
        service.Starter.Asked.Should().BeEmpty();
    }

    [Test]
    public async Task Actions_ThatCannotBe_SayWhy()
    {
        await service.AddProjectAsync("demo");
        await service.Catalogue.AddProjectAsync(ProjectSlug.Parse("no-folder"), LifecycleState.Hot, Caller.Service, default);

        await CodeAsync("/api/projects/nobody/cool", 404, "project-unknown");
        await CodeAsync("/api/projects/nobody/delete-source", 404, "project-unknown");
        await CodeAsync("/api/projects/nobody/adopt", 404, "project-unknown");
        await CodeAsync("/api/projects/a%2Fb/cool", 400, "invalid-slug");
        await CodeAsync("/api/projects/no-folder/cool", 409, "project-data-missing");
        await CodeAsync("/api/projects/demo/delete-source", 409, "nothing-to-delete");
        await CodeAsync("/api/projects/demo/adopt", 409, "adoption-refused");
        await CodeAsync("/api/projects/demo/cool", 202, null);
        await CodeAsync("/api/projects/demo/cool", 409, "project-busy");
        await CodeAsync("/api/projects/demo/adopt", 409, "project-busy");
        (await client.DeleteAsync("/api/projects/demo").JsonAsync(409))["code"]!.GetValue<string>().Should().Be("project-busy");
        AuditPage refused = await service.Audit.ListAsync(new AuditQuery("no-folder"), default);
        refused.Entries[0].Should().BeEquivalentTo(new { Who = "operator", Action = "operation", Outcome = "refused" });

        async Task CodeAsync(string path, int status, string? code) => (await PostAsync(path, null).JsonAsync(status))["code"]?.GetValue<string>().Should().Be(code);
    }

    [Test]
    public async Task Restore_WrongState_Is409()
    {
        await service.AddProjectAsync("demo");
        Directory.CreateDirectory(Path.Combine(service.Hot, "..", "cool", "demo"));

        (await PostAsync("/api/projects/demo/restore", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("invalid-transition");
    }

    [Test]
    public async Task DeleteSource_AfterCool_DeletesTheSourceOfTheLastOperation()
    {
        OperationKey key = await FinishAsync("demo", new OperationOutcome { Total = Size, Copied = Size, Proof = "full" });

        JsonNode view = await PostAsync("/api/projects/demo/delete-source", null).JsonAsync(202);

        view["id"]!.GetValue<string>().Should().Be(key.Id.ToString("D"));
        view["deletion"]!.ToJsonString(TieringJson.Options).Should().Be("""{"status":"RUNNING","requestedAt":"2026-03-12T12:00:00+00:00"}""");
        service.Starter.Asked.Should().Contain($"delete {key.DeletionInstanceId} 1");
        await PostAsync("/api/projects/demo/delete-source", $$"""{"operationId":"{{key.Id}}"}""").JsonAsync(202);
        await service.Catalogue.FinishDeletionAsync(key, 1, Size, null, default);
        JsonNode shown = await client.GetAsync($"/api/operations/{key.Id}").JsonAsync(200);
        shown["deletion"]!["removed"]!.ToJsonString(TieringJson.Options).Should().Be("""{"files":2,"bytes":2048}""");
        (await PostAsync("/api/projects/demo/delete-source", $$"""{"operationId":"{{Guid.NewGuid()}}"}""").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("operation-unknown");
    }

    [Test]
    public async Task Adopt_CoolProject_IsStarted()
    {
        await service.AddProjectAsync("kept", LifecycleState.Cool);

        (await PostAsync("/api/projects/kept/adopt", null, Id).JsonAsync(202)).ToJsonString(TieringJson.Options).Should().Be($$"""{"id":"{{Id}}","project":"kept","status":"ACCEPTED"}""");

        service.Starter.Asked.Should().Equal($"adopt kept {Id}");
    }

    [Test]
    public async Task Operations_ListFilterAndPage_Work()
    {
        OperationKey failed = await FinishAsync("a", new OperationOutcome { Error = new OperationError("x", "y") });
        OperationKey done = await FinishAsync("b", new OperationOutcome { Total = Size, Copied = Size, Proof = "full" });

        (await IdsAsync("")).Should().Equal(done.Id, failed.Id);
        (await IdsAsync("?status=FAILED")).Should().Equal(failed.Id);
        (await IdsAsync("?project=b")).Should().Equal(done.Id);
        JsonNode first = await client.GetAsync("/api/operations?limit=1").JsonAsync(200);
        (await IdsAsync($"?limit=1&continuation={first["continuation"]}")).Should().Equal(failed.Id);

        async Task<IEnumerable<Guid>> IdsAsync(string query) =>
            (await client.GetAsync($"/api/operations{query}").JsonAsync(200))["items"]!.AsArray().Select(item => item!["id"]!.GetValue<Guid>());
    }

    [TestCase("/api/operations?status=failed", "status")]
    [TestCase("/api/operations?status=", "status")]
    [TestCase("/api/operations?project=a%2Fb", "project")]
    [TestCase("/api/operations?limit=0", "limit")]
    [TestCase("/api/operations?limit=x", "limit")]
    [TestCase("/api/operations?limit=1&limit=2", "limit")]
    [TestCase("/api/operations?continuation=x", "continuation")]
    [TestCase("/api/operations/7", "id")]
    [TestCase("/api/projects?after=a%2Fb", "after")]
    [TestCase("/api/audit?from=yesterday", "from")]
    [TestCase("/api/audit?limit=1001", "limit")]
    public async Task Query_BadField_IsNamed(string path, string field) =>
        (await client.GetAsync(path).JsonAsync(400))["field"]!.GetValue<string>().Should().Be(field);

    [Test]
    public async Task Operation_SameIdTwice_NeedsProjectOrType()
    {
        foreach (string slug in new[] { "a", "b" })
        {
            await service.AddProjectAsync(slug);
            await PostAsync($"/api/projects/{slug}/cool", null, Id).JsonAsync(202);
        }

        (await client.GetAsync($"/api/operations/{Id}").JsonAsync(409))["code"]!.GetValue<string>().Should().Be("operation-ambiguous");
        (await client.GetAsync($"/api/operations/{Id}?project=b&type=COOL").JsonAsync(200))["project"]!.GetValue<string>().Should().Be("b");
        (await client.GetAsync($"/api/operations/{Id}?project=b&type=RESTORE").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("operation-unknown");
    }

    [Test]
    public async Task Retry_Failed_IsANewOperationOfTheSameType()
    {
        OperationKey failed = await FinishAsync("demo", new OperationOutcome { Error = new OperationError("x", "y") });

        JsonNode view = await PostAsync($"/api/operations/{failed.Id}/retry", null, Id).JsonAsync(202);

        (view["id"]!.GetValue<string>(), view["type"]!.GetValue<string>(), view["status"]!.GetValue<string>()).Should().Be((Id, "COOL", "PENDING"));
        await PostAsync($"/api/operations/{failed.Id}/retry", null, Id).JsonAsync(202);
        (await service.Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().HaveCount(2);
        (await PostAsync($"/api/operations/{Id}/retry", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("operation-not-failed");
        (await PostAsync($"/api/operations/{failed.Id}/retry", null, failed.Id.ToString()).JsonAsync(400))["field"]!.GetValue<string>().Should().Be("operationId");
        (await service.Audit.ListAsync(new AuditQuery("demo"), default)).Entries.Should().Contain(entry => entry.Detail == $"retry of {failed.Id}");
    }

    [TestCase("sample:07%", "sample:7%")]
    [TestCase("Full", "full")]
    [TestCase("sizes", "sizes")]
    public async Task Cool_WithAProof_RecordsItForEverAndForTheRetry(string asked, string recorded)
    {
        await service.AddProjectAsync("demo");
        JsonNode view = await PostAsync("/api/projects/demo/cool", $$"""{"proof":"{{asked}}"}""", Id).JsonAsync(202);
        view["requestedProof"]!.GetValue<string>().Should().Be(recorded);
        (await PostAsync("/api/projects/demo/cool", """{"proof":"sample:1%"}""", Id).JsonAsync(202))["requestedProof"]!.GetValue<string>().Should().Be(recorded, "a repeat changes nothing");

        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        await service.Catalogue.StartAsync(key, default);
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("azcopy-failed", "Failed.") }, default);
        (await client.GetAsync($"/api/operations/{Id}").JsonAsync(200))["requestedProof"]!.GetValue<string>().Should().Be(recorded);
        (await PostAsync($"/api/operations/{Id}/retry", null).JsonAsync(202))["requestedProof"]!.GetValue<string>().Should().Be(recorded);
    }

    [TestCase("\"sample:0%\"")]
    [TestCase("\"sample:101\"")]
    [TestCase("\"md5\"")]
    [TestCase("\"\"")]
    [TestCase("7")]
    public async Task Cool_WithAProofThatIsNone_IsRefusedAndNothingIsRecorded(string proof)
    {
        await service.AddProjectAsync("demo");

        JsonNode problem = await PostAsync("/api/projects/demo/cool", $$"""{"proof":{{proof}}}""", Id).JsonAsync(400);

        problem["field"]!.GetValue<string>().Should().Be("proof");
        (await service.Catalogue.ListOperationsAsync(new OperationQuery(), default)).Operations.Should().BeEmpty();
    }

    [Test]
    public async Task Certificate_OfAnOperation_IsGivenByteForByteOnceItHasSucceeded()
    {
        await service.AddProjectAsync("demo");
        await PostAsync("/api/projects/demo/cool", null, Id).JsonAsync(202);
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        await service.Catalogue.StartAsync(key, default);
        KeptManifest manifest = new(key.Project, $"00000001-cool-{Id}", key.Type, key.Id, Proved: true);
        Directory.CreateDirectory(Path.Combine(service.State, "manifests", key.Project.Hash));
        await service.Certificates.KeepAsync(manifest, "first"u8.ToArray(), default);
        await service.Certificates.KeepAsync(manifest, "second"u8.ToArray(), default);
        (await client.GetAsync($"/api/operations/{Id}/certificate").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("certificate-missing", "it has not succeeded yet");

        await service.Catalogue.FinishAsync(key, new OperationOutcome { Total = Size, Copied = Size, Proof = "full" }, default);

        (await client.GetAsync($"/api/operations/{Id}/certificate").ReadAsync()).Should().Be((200, "first"));
        (await client.PostAsync($"/api/operations/{Id}/certificate", null).JsonAsync(405))["code"]!.GetValue<string>().Should().Be("method-not-allowed");
        (await client.GetAsync($"/api/operations/{Guid.NewGuid()}/certificate").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("operation-unknown");
    }

    [Test]
    public async Task Cancel_Live_IsAskedForAndEndedOnesAreRefused()
    {
        await service.AddProjectAsync("demo");
        await PostAsync("/api/projects/demo/cool", null, Id).JsonAsync(202);
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));

        await PostAsync($"/api/operations/{Id}/cancel", null).JsonAsync(202);

        service.Starter.Asked.Should().Contain($"cancel {key.InstanceId}");
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("cancelled", "Cancelled.") }, default);
        (await PostAsync($"/api/operations/{Id}/cancel", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("operation-terminal");
    }

    [Test]
    public async Task Audit_ShowsWhoDidWhat()
    {
        await PostAsync("/api/projects", """{"slug":"demo"}""").JsonAsync(201);

        JsonNode page = await client.GetAsync("/api/audit?project=demo&from=2026-03-12T12:00:00Z&to=2026-03-12T12:00:01Z").JsonAsync(200);

        page["items"]![0]!.ToJsonString(TieringJson.Options).Should().Be("""{"at":"2026-03-12T12:00:00+00:00","who":"operator","action":"project-add","outcome":"accepted","from":"127.0.0.1","project":"demo","detail":"HOT, eligible from 2028-03-01 on"}""");
    }

    [TestCase("GET", "/api/nothing", 404, "path-unknown")]
    [TestCase("GET", "/api", 404, "path-unknown")]
    [TestCase("PUT", "/api/projects", 405, "method-not-allowed")]
    [TestCase("GET", "/api/projects/demo/cool", 405, "method-not-allowed")]
    [TestCase("DELETE", "/api/projects/demo/runs/1", 404, "project-unknown")]
    [TestCase("POST", "/api/projects/demo/runs/1", 405, "method-not-allowed")]
    [TestCase("GET", "/api/projects/demo/runs/1/more", 404, "path-unknown")]
    [TestCase("POST", "/api/plans/11111111-1111-1111-1111-111111111111", 405, "method-not-allowed")]
    [TestCase("DELETE", "/api/nights/next", 405, "method-not-allowed")]
    [TestCase("GET", "/api/backups", 405, "method-not-allowed")]
    public async Task Path_Unknown_IsAProblem(string method, string path, int status, string code)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        (await client.SendAsync(request).JsonAsync(status))["code"]!.GetValue<string>().Should().Be(code);
    }

    private async Task<OperationKey> FinishAsync(string slug, OperationOutcome outcome)
    {
        await service.AddProjectAsync(slug);
        OperationKey key = new(ProjectSlug.Parse(slug), OperationType.Cool, Guid.NewGuid());
        await service.Catalogue.AcceptAsync(new OperationRequest(key, "operator"), default);
        await service.Catalogue.StartAsync(key, default);
        await service.Catalogue.FinishAsync(key, outcome, default);
        return key;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string? body, string? key = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }
}
