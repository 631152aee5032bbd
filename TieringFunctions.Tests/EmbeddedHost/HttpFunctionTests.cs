using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Durable.Client;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>HTTP triggers and middleware, over a real socket.</summary>
public sealed class HttpFunctionTests
{
    private TestHost host = null!;
    private HttpClient http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        host = await TestHost.StartAsync(
            builder =>
            {
                builder.UseMiddleware<Gate>();
                builder.Services.AddScoped<Scoped>();
                builder.Services.Configure<EmbeddedHostOptions>(options => options.RoutePrefix = "");
                builder.Configuration["FUNCTION_KEY"] = "function-secret";
                builder.Configuration["MASTER_KEY"] = "master-secret";
            },
            typeof(Endpoints));
        http = new() { BaseAddress = host.Address };
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        http.Dispose();
        await host.DisposeAsync();
    }

    [Test]
    public async Task Route_WithValues_IsBoundByName() =>
        (await http.GetStringAsync("things/a%2Fb%20c/7?word=x")).Should().Be("a%2Fb c|7|x|GET");

    [Test]
    public async Task Method_ThatIsNotAttributed_IsNotAllowed() =>
        (await http.PostAsync("things/a/7", null)).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);

    [Test]
    public async Task RouteValue_ThatIsNotOfItsType_IsABadRequest() =>
        (await http.GetAsync("things/a/seven")).StatusCode.Should().Be(HttpStatusCode.BadRequest);

    [Test]
    public async Task CatchAll_TakesWhatNoOtherRouteTakes()
    {
        HttpResponseMessage answer = await http.DeleteAsync("things/a/7/further");
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).Should().Be("a/7/further");
    }

    [TestCase("")]
    [TestCase("nothing/here")]
    public async Task Path_ThatNothingServes_IsNotFoundInJson(string path)
    {
        HttpResponseMessage answer = await http.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        (await answer.Content.ReadAsStringAsync()).Should().Be("""{"detail":"Not Found"}""");
    }

    [Test]
    public async Task ActionResult_IsExecuted()
    {
        HttpResponseMessage answer = await http.PostAsync("actions", null);
        answer.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync()).Should().Be("""{"id":5}""");
    }

    [Test]
    public async Task Middleware_CanAnswerInTheFunctionsPlace()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "things/a/7");
        request.Headers.Add("x-stop", "yes");
        HttpResponseMessage answer = await http.SendAsync(request);
        answer.StatusCode.Should().Be((HttpStatusCode)418);
        (await answer.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Services_AreScopedToTheInvocation() =>
        (await http.GetStringAsync("scoped")).Should().NotBe(await http.GetStringAsync("scoped"));

    [Test]
    public async Task Exception_IsA500_ThatTellsNothing()
    {
        HttpResponseMessage answer = await http.GetAsync("fails");
        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [TestCase("locked", null, HttpStatusCode.Unauthorized)]
    [TestCase("locked", "wrong", HttpStatusCode.Unauthorized)]
    [TestCase("locked", "function-secret", HttpStatusCode.OK)]
    [TestCase("locked", "master-secret", HttpStatusCode.OK)]
    [TestCase("admin", "function-secret", HttpStatusCode.Unauthorized)]
    [TestCase("admin", "master-secret", HttpStatusCode.OK)]
    public async Task Key_OpensWhatItsLevelAllows(string path, string? key, HttpStatusCode expected)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        (await http.SendAsync(request)).StatusCode.Should().Be(expected);
        (await http.GetAsync($"{path}?code={key}")).StatusCode.Should().Be(expected);
    }

    [Test]
    public async Task DurableClient_StartsOrchestrations()
    {
        string id = await http.GetStringAsync("start");
        (await host.EndAsync(id)).RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Failed, "there is no such orchestration");
    }

    internal sealed class Scoped
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    internal sealed class Gate : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            HttpContext request = context.GetHttpContext()!;
            if (!request.Request.Headers.ContainsKey("x-stop"))
                return next(context);
            request.Response.StatusCode = 418;
            return Task.CompletedTask;
        }
    }

    internal sealed class Endpoints(Scoped scoped)
    {
        [Function("thing")]
        public static IResult Thing(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{name}/{number}")] HttpRequest request,
            string name,
            int number,
            string? word,
            CancellationToken cancellation) =>
            cancellation.CanBeCanceled ? TypedResults.Text($"{name}|{number}|{word}|{request.Method}") : TypedResults.BadRequest();

        [Function("others")]
        public static IResult Others([HttpTrigger(AuthorizationLevel.Anonymous, Route = "things/{*path}")] HttpRequest request, string path) =>
            request.Method == "DELETE" ? TypedResults.Text(path, statusCode: 404) : TypedResults.StatusCode(405);

        [Function("action")]
        public static Task<IActionResult> Action([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "actions")] HttpRequest request) =>
            Task.FromResult<IActionResult>(new AcceptedResult((string?)null, new { id = 5 }));

        [Function("scoped")]
        public string Read([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => scoped.Id.ToString();

        [Function("fails")]
        public static void Fails([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => throw new InvalidOperationException("secret");

        [Function("locked")]
        public static IResult Locked([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => TypedResults.Ok();

        [Function("admin")]
        public static IResult Admin([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => TypedResults.Ok();

        [Function("start")]
        public static async Task<string> Start(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
            await client.ScheduleNewOrchestrationInstanceAsync("nothing");
    }
}
