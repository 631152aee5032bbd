using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.Functions.Access;
using Tiering.Functions.Sqlite;
using Tiering.Functions.Triggers;
using Tiering.Tests.EmbeddedHost;
using Tiering.Tests.Support;

namespace Tiering.Tests.Triggers;

/// <summary>Orchestrations as operators see and steer them, on the embedded host with an orchestration that waits.</summary>
public sealed class InstanceTriggersTests
{
    private TestHost host = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        host = await TestHost.StartAsync(
            builder =>
            {
                builder.UseMiddleware<AccessMiddleware>();
                builder.Configuration["TIERING_TOKEN"] = ServiceUnderTest.Token;
                builder.Services
                    .Configure<WorkerOptions>(options => options.Serializer = new JsonObjectSerializer(TieringJson.Options))
                    .AddSqliteCatalogue()
                    .AddSingleton(TimeProvider.System)
                    .AddSingleton(provider => new ApiTokens(provider.GetRequiredService<ITokenStore>(), "unused", ServiceUnderTest.Token, _ => { }))
                    .AddSingleton<RequestGate>()
                    .AddSingleton<Refusals>();
            },
            typeof(InstanceTriggers),
            typeof(UnknownPathTriggers),
            typeof(Patient));
        client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ServiceUnderTest.Token);
    }

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Test]
    public async Task List_ByPrefixAndStatus_PagesThrough()
    {
        foreach (string id in (string[])["a-1", "a-2", "b-1", "a-3"])
            await RunningAsync(id);
        await client.PostAsync("/api/instances/a-2/terminate", null).JsonAsync(202);
        await StatusAsync("a-2", "TERMINATED");

        JsonNode first = await client.GetAsync("/api/instances?prefix=a-&status=RUNNING&limit=1").JsonAsync(200);
        JsonNode second = await client.GetAsync($"/api/instances?prefix=a-&status=RUNNING&limit=1&continuation={first["continuation"]}").JsonAsync(200);

        Ids(first).Concat(Ids(second)).Should().Equal("a-1", "a-3");
        Ids(await client.GetAsync("/api/instances?status=TERMINATED").JsonAsync(200)).Should().Equal("a-2");
        Ids(await client.GetAsync("/api/instances?prefix=%25").JsonAsync(200)).Should().BeEmpty();
    }

    [Test]
    public async Task Show_RunningOne_TellsItsStatus()
    {
        await RunningAsync("one");

        JsonNode shown = await client.GetAsync("/api/instances/one").JsonAsync(200);

        shown["name"]!.GetValue<string>().Should().Be(nameof(Patient));
        shown["customStatus"]!["step"]!.GetValue<string>().Should().Be("waiting");
    }

    [Test]
    public async Task SuspendAndResume_RunningOne_StopsItAndLetsItGoOn()
    {
        await RunningAsync("one");

        await client.PostAsJsonAsync("/api/instances/one/suspend", new { reason = "night" }).JsonAsync(202);
        await StatusAsync("one", "SUSPENDED");
        await host.Client.RaiseEventAsync("one", "go");
        await client.PostAsync("/api/instances/one/resume", null).JsonAsync(202);

        (await host.EndAsync("one")).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Completed);
        AuditEntry[] audit = [.. (await host.Services.GetRequiredService<IAudit>().ListAsync(new AuditQuery(), default)).Entries];
        audit.Select(entry => (entry.Action, entry.Outcome, entry.Detail)).Should().Equal(
            ("instance-resume", "accepted", "one"), ("instance-suspend", "accepted", "one: night"));
    }

    [Test]
    public async Task Purge_OnlyAnEndedOne_IsRemoved()
    {
        await RunningAsync("one");

        (await client.DeleteAsync("/api/instances/one").JsonAsync(409))["code"]!.GetValue<string>().Should().Be("instance-live");
        await client.PostAsync("/api/instances/one/terminate", null).JsonAsync(202);
        await StatusAsync("one", "TERMINATED");
        (await client.PostAsync("/api/instances/one/terminate", null).JsonAsync(409))["code"]!.GetValue<string>().Should().Be("instance-ended");
        (await client.DeleteAsync("/api/instances/one").ReadAsync()).Should().Be((204, ""));

        (await client.GetAsync("/api/instances/one").JsonAsync(404))["code"]!.GetValue<string>().Should().Be("instance-unknown");
    }

    [TestCase("GET", "/api/instances?status=CANCELED", 400, "invalid-field", "status must be one of PENDING, RUNNING, SUSPENDED, COMPLETED, FAILED, TERMINATED.")]
    [TestCase("GET", "/api/instances?limit=0", 400, "invalid-field", "limit must be between 1 and 1000.")]
    [TestCase("GET", "/api/instances?continuation=x", 400, "invalid-field", "continuation must be what the page before gave.")]
    [TestCase("POST", "/api/instances/none/terminate", 404, "instance-unknown", "There is no orchestration none.")]
    [TestCase("DELETE", "/api/instances/none", 404, "instance-unknown", "There is no orchestration none.")]
    [TestCase("PUT", "/api/instances/none/resume", 405, "method-not-allowed", "/api/instances/none/resume does not take PUT.")]
    public async Task BadRequest_IsRefusedWithTheRule(string method, string path, int status, string code, string detail)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        JsonNode problem = await client.SendAsync(request).JsonAsync(status);

        (problem["code"]!.GetValue<string>(), problem["detail"]!.GetValue<string>()).Should().Be((code, detail));
    }

    private static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());

    private async Task RunningAsync(string id)
    {
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Patient), null, new StartOrchestrationOptions(id));
        await StatusAsync(id, "RUNNING");
    }

    private Task StatusAsync(string id, string status) => Eventually.IsTrueAsync(
        () => JsonNode.Parse(client.GetStringAsync($"/api/instances/{id}").GetAwaiter().GetResult())!["status"]!.GetValue<string>() == status);
}

/// <summary>Waits until it is told to go.</summary>
public static class Patient
{
    [Function(nameof(Patient))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        context.SetCustomStatus(new { step = "waiting" });
        await context.WaitForExternalEvent<string>("go");
    }
}
