using System.Text;
using System.Text.Json.Nodes;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;

namespace Tiering.Tests.Triggers;

/// <summary>Runs, pins, dates, imports, history and the export of the audit, over HTTP.</summary>
public sealed class ProjectFactTriggersTests
{
    private ServiceUnderTest service = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        service = await ServiceUnderTest.StartAsync(); // at 2026-03-12T12:00:00Z
        client = service.Operator();
    }

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [Test]
    public async Task Runs_PutAndRemoved_MoveTheDate()
    {
        await SendAsync(HttpMethod.Post, "/api/projects", """{"slug":"demo","createdAt":"2020-01-01T00:00:00Z"}""").JsonAsync(201);

        JsonNode put = await SendAsync(HttpMethod.Put, "/api/projects/demo/runs/a%2Fb", """{"start":"2026-07-01","end":"2026-07-01T22:00:00Z"}""").JsonAsync(200);
        JsonNode runs = await client.GetAsync("/api/projects/demo/runs").JsonAsync(200);
        JsonNode removed = await client.DeleteAsync("/api/projects/demo/runs/a%2Fb").JsonAsync(200);

        put["coolingEligibleAt"]!.GetValue<string>().Should().Be("2028-06-21");
        runs["items"]!.ToJsonString(TieringJson.Options).Should().Be("""[{"id":"a/b","start":"2026-07-01T00:00:00+00:00","end":"2026-07-01T22:00:00+00:00"}]""");
        removed["coolingEligibleAt"]!.GetValue<string>().Should().Be("2021-12-21");
    }

    [TestCase("PUT", "/api/projects/demo/runs/1", """{"end":"yesterday"}""", "end")]
    [TestCase("PUT", "/api/projects/demo/runs/1", """{"embargo":"2026-13-01"}""", "embargo")]
    [TestCase("PUT", "/api/projects/demo/runs/1", """{"start":"2026-02-01","end":"2026-01-01"}""", "end")]
    [TestCase("POST", "/api/projects/demo/pin", """{"until":7}""", "until")]
    [TestCase("POST", "/api/projects", """{"slug":"x","runs":[{"id":"1","ends":"2026-01-01"}]}""", "ends")]
    [TestCase("POST", "/api/projects", """{"slug":"x","runs":{}}""", "runs")]
    [TestCase("POST", "/api/projects", """{"slug":"x","createdAt":"0001-01-01"}""", "createdAt")]
    [TestCase("POST", "/api/projects/demo/cool", """{"force":"yes"}""", "force")]
    [TestCase("POST", "/api/projects/import?dryRun=maybe", "", "dryRun")]
    [TestCase("GET", "/api/nights?continuation=x", null, "continuation")]
    [TestCase("GET", "/api/nights/tonight", null, "date")]
    public async Task BadField_IsNamed(string method, string path, string? body, string field)
    {
        await service.AddProjectAsync("demo");

        (await SendAsync(new HttpMethod(method), path, body).JsonAsync(400))["field"]!.GetValue<string>().Should().Be(field);
    }

    [Test]
    public async Task Cool_BeforeItsDate_IsRefusedUnlessForced()
    {
        await SendAsync(HttpMethod.Post, "/api/projects", """{"slug":"demo"}""").JsonAsync(201);
        Directory.CreateDirectory(Path.Combine(service.Hot, "demo"));

        (await SendAsync(HttpMethod.Post, "/api/projects/demo/cool", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("not-eligible");
        using HttpClient euphrosyne = service.Euphrosyne();
        (await euphrosyne.PostAsync($"/data/projects/demo/cool?operation_id={Guid.NewGuid()}", null).ReadAsync()).Status.Should().Be(409);
        await SendAsync(HttpMethod.Post, "/api/projects/demo/cool", """{"force":true}""").JsonAsync(202);
    }

    [Test]
    public async Task Pin_HoldsUntilItIsTakenAway()
    {
        await service.AddProjectAsync("demo");
        JsonNode pinned = await SendAsync(HttpMethod.Post, "/api/projects/demo/pin", """{"until":"2027-01-01","reason":" a referee "}""").JsonAsync(200);

        pinned["pin"]!.ToJsonString(TieringJson.Options).Should().Be("""{"by":"operator","at":"2026-03-12T12:00:00+00:00","until":"2027-01-01","reason":"a referee"}""");
        (await SendAsync(HttpMethod.Post, "/api/projects/demo/cool", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("project-pinned");
        await SendAsync(HttpMethod.Post, "/api/projects/demo/unpin", null).JsonAsync(200);
        await SendAsync(HttpMethod.Post, "/api/projects/demo/cool", null).JsonAsync(202);
    }

    [Test]
    public async Task Writable_OnlyAHotProjectIs([Values(LifecycleState.Cool, LifecycleState.Cooling, LifecycleState.Restoring, LifecycleState.Error)] LifecycleState state)
    {
        await service.AddProjectAsync("demo", state is LifecycleState.Cool or LifecycleState.Restoring ? LifecycleState.Cool : LifecycleState.Hot);
        if (state is LifecycleState.Cooling or LifecycleState.Error)
            (await client.GetAsync("/api/projects/demo/writable?enforce=true").JsonAsync(200))["writable"]!.GetValue<bool>().Should().BeTrue();
        await MoveToAsync(state);

        JsonNode answer = await client.GetAsync("/api/projects/demo/writable").JsonAsync(200);
        JsonNode enforced = await client.GetAsync("/api/projects/demo/writable?enforce=true").JsonAsync(403);
        JsonNode write = await SendAsync(HttpMethod.Put, "/api/projects/demo/runs/1", "{}").JsonAsync(403);

        (answer["writable"]!.GetValue<bool>(), answer["code"]!.GetValue<string>()).Should().Be((false, "PROJECT_IMMUTABLE"));
        (enforced["code"]!.GetValue<string>(), write["code"]!.GetValue<string>()).Should().Be(("PROJECT_IMMUTABLE", "PROJECT_IMMUTABLE"));
    }

    [Test]
    public async Task Lifecycle_AsTheClientWouldTellIt()
    {
        await service.AddProjectAsync("demo");
        (await client.GetAsync("/api/data-management/projects/demo/lifecycle").ReadAsync()).Should()
            .Be((200, """{"lifecycle_state":"HOT","last_operation_id":null,"last_operation_type":null}"""));

        OperationKey key = await MoveToAsync(LifecycleState.Cooling);

        (await client.GetAsync("/api/data-management/projects/demo/lifecycle").ReadAsync()).Should()
            .Be((200, $$"""{"lifecycle_state":"COOLING","last_operation_id":"{{key.Id:D}}","last_operation_type":"COOL"}"""));
        (await client.GetAsync("/api/data-management/projects/none/lifecycle").ReadAsync()).Status.Should().Be(404);
    }

    [Test]
    public async Task Import_ManyLines_GivesAResultForEachAndIsSafeToRepeat()
    {
        await service.AddProjectAsync("p-0007", LifecycleState.Cool);
        string lines = string.Concat(Enumerable.Range(0, 1200).Select(i => i switch
        {
            3 => "not json\n",
            5 => """{"slug":"a/b"}""" + "\n\n",
            _ => $$"""{"slug":"p-{{i:d4}}","state":"HOT","createdAt":"2021-01-01","runs":[{"id":"1","embargo":"2024-01-01"}]}""" + "\r\n",
        }));

        string[] tried = await ImportAsync(lines, "?dryRun=true");
        (await client.GetAsync("/api/projects").JsonAsync(200))["items"]!.AsArray().Should().ContainSingle("a dry run changes nothing");
        string[] done = await ImportAsync(lines);
        string[] again = await ImportAsync(lines);

        tried.Should().HaveCount(1201);
        tried[..^1].Should().Equal(done[..^1]);
        tried[^1].Should().Be("""{"dryRun":true,"new":1197,"same":0,"changed":0,"refused":3}""");
        done[0].Should().Be("""{"row":1,"slug":"p-0000","result":"NEW"}""");
        done[3].Should().Be("""{"row":4,"result":"REFUSED","code":"invalid-field","reason":"line must be a JSON object."}""");
        done[5].Should().StartWith("""{"row":6,"slug":"a/b","result":"REFUSED","code":"invalid-field","reason":"slug is not usable""");
        done[7].Should().Contain("\"code\":\"project-exists\"");
        again[^1].Should().Be("""{"dryRun":false,"new":0,"same":1197,"changed":0,"refused":3}""");
        (await client.GetAsync("/api/projects/p-1199").JsonAsync(200))["coolingEligibleAt"]!.GetValue<string>().Should().Be("2024-01-01");
    }

    [Test]
    public async Task History_ShowsOperationsRunsAndAudit()
    {
        await service.AddProjectAsync("demo");
        await SendAsync(HttpMethod.Put, "/api/projects/demo/runs/1", """{"embargo":"2024-01-01"}""").JsonAsync(200);
        OperationKey key = await MoveToAsync(LifecycleState.Error);

        JsonNode history = await client.GetAsync("/api/projects/demo/history").JsonAsync(200);

        history["project"]!["state"]!.GetValue<string>().Should().Be("ERROR");
        history["runs"]!.AsArray().Should().ContainSingle();
        history["operations"]!.AsArray().Single()!["operation"]!["id"]!.GetValue<string>().Should().Be(key.Id.ToString("D"));
        history["operations"]![0]!["operation"]!["deletion"]!["status"]!.GetValue<string>().Should().Be("NOT_REQUESTED");
        history["audit"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()).Should().Equal("operation", "operation", "run-put", "project-add");
        (await client.GetAsync("/api/projects/none/history").ReadAsync()).Status.Should().Be(404);
    }

    [Test]
    public async Task Audit_AsJsonLines_IsEverythingThatFits()
    {
        for (int i = 0; i < 1500; i++)
            await service.Audit.RecordAsync(new AuditEntry(service.Time.GetUtcNow(), "operator", AuditActions.Operation, AuditOutcomes.Refused) { Project = i % 3 == 0 ? "demo" : "other" }, default);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/audit?project=other&limit=5");
        request.Headers.Accept.Add(new("application/x-ndjson"));

        using HttpResponseMessage response = await client.SendAsync(request);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        response.Content.Headers.ContentType!.MediaType.Should().Be("application/x-ndjson");
        lines.Should().HaveCount(1000).And.OnlyContain(line => JsonNode.Parse(line)!["project"]!.GetValue<string>() == "other");
    }

    [Test]
    public async Task Night_Preview_TellsWhatAndWhyNot()
    {
        await service.AddProjectAsync("old");
        await File.WriteAllTextAsync(Path.Combine(service.Hot, "old", "a.txt"), "12345");
        await service.AddProjectAsync("kept", LifecycleState.Cool);
        await SendAsync(HttpMethod.Post, "/api/projects", """{"slug":"young"}""").JsonAsync(201);

        JsonNode plan = await client.GetAsync("/api/nights/next").JsonAsync(200);

        (plan["date"]!.GetValue<string>(), plan["enabled"]!.GetValue<bool>()).Should().Be(("2026-03-13", false));
        plan["selected"]!.ToJsonString().Should().Be("""[{"project":"old","eligibleAt":"2025-03-01","size":{"files":1,"bytes":5}}]""");
        plan["others"]!.ToJsonString().Should().Be(
            """[{"project":"kept","obstacle":"NOT_HOT","reason":"is COOL"},{"project":"young","obstacle":"NOT_ELIGIBLE","reason":"is eligible from 2028-03-01 on"}]""");
    }

    /// <summary>By an operation of the right type, as far as the state asks for.</summary>
    private async Task<OperationKey> MoveToAsync(LifecycleState state)
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), state == LifecycleState.Restoring ? OperationType.Restore : OperationType.Cool, Guid.NewGuid());
        if (state == LifecycleState.Cool)
            return key;
        await service.Catalogue.AcceptAsync(new OperationRequest(key, "operator"), default);
        await service.Catalogue.StartAsync(key, default);
        if (state == LifecycleState.Error)
            await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("x", "x") }, default);
        return key;
    }

    private async Task<string[]> ImportAsync(string lines, string query = "")
    {
        using HttpResponseMessage response = await client.PostAsync($"/api/projects/import{query}", new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));
        response.IsSuccessStatusCode.Should().BeTrue();
        return (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        return await client.SendAsync(request);
    }
}
