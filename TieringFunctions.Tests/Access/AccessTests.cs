using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tiering.Core.Catalogue;
using Tiering.Tests.Support;
using Tiering.Tests.Triggers;

namespace Tiering.Tests.Access;

/// <summary>Who gets in, and what the others are told.</summary>
public sealed class AccessTests
{
    private const string Cool = "/data/projects/demo/cool?operation_id=not-a-uuid";
    private ServiceUnderTest service = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => service = await ServiceUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await service.DisposeAsync();

    [Test]
    public async Task Data_WithoutToken_Is401BeforeAnyParameterIsLookedAt()
    {
        using HttpClient stranger = service.Client(token: null);
        using HttpResponseMessage response = await stranger.PostAsync(Cool, null);

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
        (await response.Content.ReadAsStringAsync()).Should().Be("""{"detail":"Could not validate credentials"}""");
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
    }

    [Test]
    public async Task Data_TokenOfAnotherUser_Is403()
    {
        using HttpClient user = service.Client(ServiceUnderTest.Jwt(new { user_id = 7, exp = service.Time.GetUtcNow().ToUnixTimeSeconds() + 300 }));

        (await user.PostAsync(Cool, null).ReadAsync()).Should().Be((403, """{"detail":"Not allowed"}"""));
    }

    [Test]
    public async Task Data_KeyOrTokenElsewhere_DoesNotCount()
    {
        using HttpClient euphrosyne = service.Euphrosyne();
        string token = euphrosyne.DefaultRequestHeaders.Authorization!.Parameter!;
        using HttpClient stranger = service.Client(token: null);
        stranger.DefaultRequestHeaders.Add("X-API-KEY", ServiceUnderTest.Token);

        (await stranger.PostAsync($"{Cool}&token={token}&access_token={token}", null).ReadAsync()).Status.Should().Be(401);
        using HttpClient wrongScheme = service.Client(token: null);
        wrongScheme.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("JWT", token);
        (await wrongScheme.PostAsync(Cool, null).ReadAsync()).Status.Should().Be(401);
        using HttpClient lowerCase = service.Client(token: null);
        lowerCase.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bEARER", token);
        (await lowerCase.PostAsync(Cool, null).ReadAsync()).Status.Should().Be(422);
    }

    [Test]
    public async Task Data_OperatorsToken_Is401AndTheReverse()
    {
        using HttpClient @operator = service.Operator();
        using HttpClient euphrosyne = service.Euphrosyne();

        (await @operator.PostAsync(Cool, null).ReadAsync()).Status.Should().Be(401);
        (await euphrosyne.GetAsync("/api/projects").ReadAsync()).Status.Should().Be(401);
    }

    [TestCase("GET", "/api/projects")]
    [TestCase("POST", "/api/projects")]
    [TestCase("GET", "/API/Projects")]
    [TestCase("GET", "/api/operations")]
    [TestCase("GET", "/api/audit")]
    [TestCase("GET", "/api/health")]
    [TestCase("GET", "/api/health/live/../../projects")]
    [TestCase("GET", "/api/nothing")]
    [TestCase("GET", "/DATA/projects/demo/cool/x")]
    public async Task Path_WithoutToken_Is401(string method, string path)
    {
        using HttpClient stranger = service.Client(token: null);
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        (await stranger.SendAsync(request).ReadAsync()).Status.Should().Be(401);
    }

    [Test]
    public async Task Api_WrongToken_IsAProblemWithoutTheToken()
    {
        using HttpClient stranger = service.Client("0123456789abcdef-guessed");
        using HttpResponseMessage response = await stranger.GetAsync("/api/projects");

        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        string body = await response.Content.ReadAsStringAsync();
        body.Should().NotContain("guessed");
        JsonNode.Parse(body)!.ToJsonString().Should().Be(
            """{"type":"urn:tiering:problem:unauthenticated","title":"A token is needed","status":401,"detail":"Could not validate credentials","code":"unauthenticated"}""");
    }

    [Test]
    public async Task Health_WithoutToken_IsOpen()
    {
        using HttpClient stranger = service.Client(token: null);

        (await stranger.GetAsync("/api/health/live").ReadAsync()).Should().Be((200, """{"status":"live","version":"1.0.0"}"""));
        (int Status, string Body) ready = default;
        await Eventually.IsTrueAsync(async () => (ready = await stranger.GetAsync("/api/health/ready").ReadAsync()).Status == 200); // AzCopy may be slow to tell its version
        ready.Body.Should().Be("""{"status":"ready","checks":["catalogue","task hub","storage","AzCopy"]}""");
    }

    [Test]
    public async Task Health_AnotherProgramInAzCopysPlace_IsNamedWithoutWhatItPrints()
    {
        await using ServiceUnderTest broken = await ServiceUnderTest.StartAsync(("AZCOPY_PATH", "/bin/true"));
        using HttpClient stranger = broken.Client(token: null);

        JsonNode problem = await stranger.GetAsync("/api/health/ready").JsonAsync(503);

        problem["detail"]!.GetValue<string>().Should().Be("AzCopy: the program that AZCOPY_PATH names cannot be run, or is another.");
    }

    [Test]
    public async Task Health_SomethingMissing_IsNamedWithoutAPath()
    {
        await using ServiceUnderTest broken = await ServiceUnderTest.StartAsync(("AZCOPY_PATH", "/nowhere/azcopy"), ("DATA_FOLDER", "/nowhere/hot"));
        using HttpClient stranger = broken.Client(token: null);

        JsonNode problem = await stranger.GetAsync("/api/health/ready").JsonAsync(503);

        problem["detail"]!.GetValue<string>().Should().Be(
            "storage: the HOT folder does not exist, or is not mounted. AzCopy: not installed, or AZCOPY_PATH names something that is not a program.");
        problem["code"]!.GetValue<string>().Should().Be("not-ready");
    }

    [Test]
    public async Task Data_NoSecretSet_Is503()
    {
        await using ServiceUnderTest open = await ServiceUnderTest.StartAsync(("JWT_SECRET_KEY", ""));
        using HttpClient anyone = open.Client(ServiceUnderTest.Jwt(new { user_id = "euphrosyne", exp = 4_000_000_000 }, secret: "x"));

        (await anyone.PostAsync(Cool, null).ReadAsync()).Should().Be((503, """{"detail":"JWT_SECRET_KEY environment variable is not set"}"""));
    }

    [Test]
    public async Task Stranger_Refused_LeavesNoTraceInTheAudit()
    {
        using HttpClient stranger = service.Client(token: null);
        await stranger.PostAsync("/data/projects/stranger/cool", null).ReadAsync();
        await stranger.PostAsync("/api/projects/stranger/cool", null).ReadAsync();

        (await service.Audit.ListAsync(new AuditQuery("stranger"), default)).Entries.Should().BeEmpty();
    }
}
