using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Tests.Triggers;
using static Tiering.Tests.Triggers.ServiceUnderTest;

namespace Tiering.Tests.DropIn;

/// <summary>Chapters 3 to 6 in drop-in mode: what is answered at once, by real HTTP.</summary>
public sealed class InboundTests
{
    private const string Id = "8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55";
    private ServiceUnderTest service = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        service = await ServiceUnderTest.StartAsync(("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:9/"));
        client = service.Euphrosyne();
    }

    [TearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [TestCase("", "int_parsing")]
    [TestCase("many", "int_parsing")]
    [TestCase("1.5", "int_parsing")]
    [TestCase("0x10", "int_parsing")]
    [TestCase("1%00", "int_parsing")]
    [TestCase("1%20", "int_parsing")]
    [TestCase("9223372036854775808", "int_parsing")]
    [TestCase("99999999999999999999999999", "int_parsing")]
    [TestCase("-1", "greater_than_equal")]
    [TestCase("-99999999999999999999", "greater_than_equal")]
    [TestCase("0", null)]
    [TestCase("4294967296", null)]
    [TestCase("9223372036854775807", null)]
    public async Task Delete_Count_IsANonNegativeIntegerOf64Bits(string text, string? type)
    {
        foreach ((string name, string query) in new[] { ("file_count", $"file_count={text}&total_size=1"), ("total_size", $"file_count=1&total_size={text}") })
        {
            (int status, string body) = await client.PostAsync($"/data/projects/demo/delete/HOT?operation_id={Id}&{query}", null).ReadAsync();

            status.Should().Be(type is null ? 202 : 422, body);
            if (type is null)
                continue;
            JsonNode error = JsonNode.Parse(body)!["detail"]!.AsArray().Single()!;
            (error["type"]!.GetValue<string>(), error["loc"]!.ToJsonString()).Should().Be((type, $"""["query","{name}"]"""));
        }
    }

    [Test]
    public async Task Delete_EverythingIsWrong_IsToldTogether()
    {
        JsonNode body = await client.PostAsync("/data/projects/demo/delete/hot?file_count=-1", null).JsonAsync(422);

        body["detail"]!.AsArray().Select(error => $"{error!["type"]} {error["loc"]![0]} {error["loc"]![1]}").Should().BeEquivalentTo(
            "enum path storage_role", "missing query operation_id", "greater_than_equal query file_count", "missing query total_size");
        (await service.Catalogue.ListUnfinishedAsync(default)).Should().BeEmpty();
    }

    [TestCase("operation_id")]
    [TestCase("file_count")]
    [TestCase("total_size")]
    public async Task Delete_ParameterMissing_Is422(string missing)
    {
        string query = string.Join('&', new[] { $"operation_id={Id}", "file_count=1", "total_size=1" }.Where(part => !part.StartsWith(missing, StringComparison.Ordinal)));

        JsonNode body = await client.PostAsync($"/data/projects/demo/delete/COOL?{query}", null).JsonAsync(422);

        body.ToJsonString().Should().Be($$"""{"detail":[{"type":"missing","loc":["query","{{missing}}"],"msg":"Field required"}]}""");
    }

    [Test]
    public async Task Checks_ComeInOrder_401Then422Then400Then503()
    {
        await using ServiceUnderTest uncooled = await ServiceUnderTest.StartAsync(("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:9/"), ("DATA_BACKEND_COOL", null));
        using HttpClient stranger = uncooled.Client(null);
        using HttpClient known = uncooled.Euphrosyne();

        (await stranger.PostAsync("/data/projects/a..b/cool?operation_id=x", null).ReadAsync()).Status.Should().Be(401);
        (await known.PostAsync("/data/projects/a..b/cool?operation_id=x", null).ReadAsync()).Status.Should().Be(422);
        (await known.PostAsync($"/data/projects/a..b/cool?operation_id={Id}", null).ReadAsync()).Status.Should().Be(400);
        (await known.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).ReadAsync()).Should()
            .Be((503, """{"detail":"Cooling is disabled because DATA_BACKEND_COOL is not set"}"""));
    }

    [TestCase("EUPHROSYNE_BACKEND_URL", "euphrosyne", "EUPHROSYNE_BACKEND_URL must be an http or https address without query")]
    [TestCase("TIERING_CALLBACK_DELAY_SECONDS", "0", "TIERING_CALLBACK_DELAY_SECONDS must be a number from 1 to 3600")]
    [TestCase("DATA_BACKEND", "", "DATA_BACKEND environment variable is not set")]
    [TestCase("DATA_BACKEND", "s3", "DATA_BACKEND must be 'azure_fileshare' or 'azure_blob'")]
    public async Task Post_SettingIsMissingOrWrong_Is503AndRecordsNothing(string name, string value, string detail)
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal) { ["EUPHROSYNE_BACKEND_URL"] = "http://127.0.0.1:9/", [name] = value };
        await using ServiceUnderTest wrong = await ServiceUnderTest.StartAsync([.. settings.Select(setting => (setting.Key, setting.Value))]);
        using HttpClient known = wrong.Euphrosyne();
        foreach (string path in new[] { $"cool?operation_id={Id}", $"restore?operation_id={Id}", $"delete/HOT?operation_id={Id}&file_count=1&total_size=1" })
        {
            JsonNode body = await known.PostAsync($"/data/projects/demo/{path}", null).JsonAsync(503);
            body["detail"]!.GetValue<string>().Should().Be(detail);
        }
        (await wrong.Catalogue.ListUnfinishedAsync(default)).Should().BeEmpty();
    }

    [TestCase("projects")]
    [TestCase("a-b_C9")]
    [TestCase("with inner spaces")]
    [TestCase("v1.2")]
    [TestCase("éé-中文")]
    public async Task Slug_Allowed_IsAcceptedAndShown(string slug)
    {
        string path = $"/data/projects/{Uri.EscapeDataString(slug)}/restore";

        (await client.PostAsync($"{path}?operation_id={Id}", null).JsonAsync(202))["project_slug"]!.GetValue<string>().Should().Be(slug);
        (await client.GetAsync($"{path}/{Id}").JsonAsync(200))["project_slug"]!.GetValue<string>().Should().Be(slug);
    }

    [Test]
    public async Task Slug_Of255Characters_IsAccepted() =>
        await client.PostAsync($"/data/projects/{new string('a', 255)}/cool?operation_id={Id}", null).JsonAsync(202);

    [TestCase("PUT")]
    [TestCase("PATCH")]
    [TestCase("DELETE")]
    [TestCase("OPTIONS")]
    public async Task Method_Unknown_Is405WithADetail(string method)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"/data/projects/demo/cool?operation_id={Id}");

        (await client.SendAsync(request).ReadAsync()).Should().Be((405, """{"detail":"Method Not Allowed"}"""));
    }

    [Test]
    public async Task Answers_AreJsonOfTheContractsForm()
    {
        foreach (string path in new[] { "/data/nothing", "/data/projects/demo/cool", $"/data/projects/demo/cool/{Id}", "/data/projects/demo/cool/x" })
        {
            using HttpResponseMessage answer = await client.GetAsync(path);
            answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject().Select(field => field.Key).Should().Equal("detail");
        }
    }

    [Test]
    public async Task Body_AndContentType_DoNotMatter()
    {
        using StringContent body = new("not json", System.Text.Encoding.UTF8, "text/plain");

        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", body).JsonAsync(202);
    }

    [Test]
    public async Task Show_SameIdOfAnotherProjectOrType_IsAnotherOperation()
    {
        await client.PostAsync($"/data/projects/one/cool?operation_id={Id}", null).JsonAsync(202);

        (await client.GetAsync($"/data/projects/two/cool/{Id}").ReadAsync()).Should().Be((404, """{"detail":"Operation not found"}"""));
        (await client.GetAsync($"/data/projects/one/restore/{Id}").ReadAsync()).Status.Should().Be(404);
        await client.PostAsync($"/data/projects/two/cool?operation_id={Id}", null).JsonAsync(202);
        service.Starter.Asked.Should().HaveCount(2);
    }

    [Test]
    public async Task Show_Canceled_SaysSo()
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
        await service.Catalogue.ReportAsync(key, null, default, 0, ["j-7"], default);
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("azcopy-cancelled", "AzCopy job was canceled") }, default);

        JsonNode shown = await client.GetAsync($"/data/projects/demo/cool/{Id}").JsonAsync(200);

        (shown["status"]!.GetValue<string>(), shown["error_details"]!.ToJsonString()).Should().Be((
            "FAILED", """{"message":"AzCopy job was canceled","raw":{"type":"AzcopyCancelledError","code":"azcopy-cancelled","job_id":"j-7"}}"""));
    }

    [Test]
    public async Task Repeat_AfterTheEnd_HasItsResultToldAgain()
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        string path = $"/data/projects/demo/cool?operation_id={Id}";
        await client.PostAsync(path, null).JsonAsync(202);
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = new OperationError("x", "y") }, default);
        IOutbox outbox = service.Outbox;
        OutboxMessage told = (await outbox.ListPendingAsync(key, default)).Single();
        await outbox.DeliveredAsync(told.Sequence, default);
        service.Starter.Asked.Clear();

        await client.PostAsync(path, null).JsonAsync(202);

        service.Starter.Asked.Should().Equal($"deliver outbox-{told.Sequence}-2");
    }

    [Test]
    public async Task Errors_HoldNoSecretAndStaySmall()
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
        Dictionary<string, string> details = Enumerable.Range(0, 100).ToDictionary(i => $"first{i}", i => $"{new string('"', 3000)}?sv=1&sig=c2VjcmV0{i}", StringComparer.Ordinal);
        OperationError error = new("azcopy-failed", $"bad\0 \ud800 https://h/c?sv=2021&sig=c2VjcmV0 {new string('x', 100_000)}", details);
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = error }, default);

        string payload = (await service.Outbox.ListPendingAsync(key, default)).Single().Payload;
        string shown = (await client.GetAsync($"/data/projects/demo/cool/{Id}").ReadAsync()).Body;

        foreach (string text in new[] { payload, shown })
        {
            text.Should().NotContain("c2VjcmV0").And.NotContain("\\u0000");
            System.Text.Encoding.UTF8.GetByteCount(text).Should().BeLessThan(64 * 1024);
        }
    }

    [TestCase("Could not find file '/srv/my data/hot/demo/run 0/1.bin'.", "Could not find file '[folder]/1.bin'.")]
    [TestCase("open /srv/tiering/hot/demo/a.txt: permission denied", "open [folder]/a.txt: permission denied")]
    [TestCase("AZCOPY_JOB_PLAN_LOCATION=/var/lib/tiering/jobs/plans,/tmp/x/y", "AZCOPY_JOB_PLAN_LOCATION=[folder]/y")]
    [TestCase("/srv/tiering/hot/demo/", "[folder]/")]
    [TestCase("run 0/a/b.bin is missing; 5/20 files at https://h.example/c/demo and 'c/d/e'", "run 0/a/b.bin is missing; 5/20 files at https://h.example/c/demo and 'c/d/e'")]
    public async Task Errors_HoldNoFolderOfTheServer(string said, string told)
    {
        OperationKey key = new(ProjectSlug.Parse("demo"), OperationType.Cool, Guid.Parse(Id));
        await client.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
        OperationError error = new("azcopy-failed", said, new Dictionary<string, string>(StringComparer.Ordinal) { ["first"] = said, ["said"] = "an excerpt", ["reasons"] = "another" });
        await service.Catalogue.FinishAsync(key, new OperationOutcome { Error = error }, default);

        JsonNode payload = JsonNode.Parse((await service.Outbox.ListPendingAsync(key, default)).Single().Payload)!;
        JsonNode shown = (await client.GetAsync($"/data/projects/demo/cool/{Id}").JsonAsync(200))["error_details"]!;

        new[] { payload["error_message"], payload["error_details"]!["first"], shown["message"], shown["raw"]!["first"] }
            .Select(text => text!.GetValue<string>()).Should().AllBe(told);
        new[] { payload, shown }.Select(wire => wire.ToJsonString()).Should().AllSatisfy(wire => wire.Should().NotContain("an excerpt").And.NotContain("another"));
    }

    /// <summary>The client appends its paths to whatever base URL it was given; the proxy of that URL takes the prefix away.</summary>
    [TestCase("/tools/api")]
    [TestCase("/data")]
    [TestCase("/data/projects")]
    public async Task BaseUrl_WithAPath_Works(string prefix)
    {
        await using PrefixProxy proxy = await PrefixProxy.StartAsync(prefix, service.Address);
        string url = $"{proxy.Url}/data/projects";

        (await client.PostAsync($"{url}/with%20space/cool?operation_id={Id}", null).JsonAsync(202))["project_slug"]!.GetValue<string>().Should().Be("with space");
        (await client.GetAsync($"{url}/with%20space/cool/{Id}").JsonAsync(200))["status"]!.GetValue<string>().Should().Be("PENDING");
        await client.PostAsync($"{url}/projects/restore?operation_id={Id}", null).JsonAsync(202);
        await client.GetAsync($"{url}/projects/restore/{Id}").JsonAsync(200);
        await client.PostAsync($"{url}/demo/delete/COOL?operation_id={Id}&file_count=1&total_size=1", null).JsonAsync(202);
        (await client.PostAsync($"{url}/a%2Fb/cool?operation_id={Id}", null).ReadAsync()).Status.Should().Be(400);
        (await client.PostAsync($"{url}/demo/cool/?operation_id={Id}", null).ReadAsync()).Should().Be((404, """{"detail":"Not Found"}"""));
        service.Starter.Asked.Should().HaveCount(3);
    }

    [Test]
    public async Task BaseUrl_PrefixThatNobodyTookAway_StartsNothing()
    {
        (await client.PostAsync($"/tools/data/projects/demo/cool?operation_id={Id}", null).ReadAsync()).Status.Should().Be(404);
        (await client.PostAsync($"/data/data/projects/demo/cool?operation_id={Id}", null).ReadAsync()).Status.Should().Be(404);
        service.Starter.Asked.Should().BeEmpty();
    }

    [TestCaseSource(nameof(Tokens))]
    public async Task Token_AnyOther_IsRefused(string name, Func<long, string> token, int status)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/data/projects/demo/cool?operation_id=x");
        request.Headers.TryAddWithoutValidation("Authorization", token(service.Time.GetUtcNow().ToUnixTimeSeconds()));
        using HttpClient stranger = service.Client(null);
        using HttpResponseMessage answer = await stranger.SendAsync(request);

        ((int)answer.StatusCode).Should().Be(status, name);
        (await answer.Content.ReadAsStringAsync()).Should().Be(status switch
        {
            401 => """{"detail":"Could not validate credentials"}""",
            403 => """{"detail":"Not allowed"}""",
            _ => """{"detail":[{"type":"uuid_parsing","loc":["query","operation_id"],"msg":"Input should be a valid UUID","input":"x"}]}""",
        });
        answer.Headers.WwwAuthenticate.ToString().Should().Be(status == 401 ? "Bearer" : "");
    }

    public static IEnumerable<TestCaseData> Tokens()
    {
        yield return Case("lower-case scheme", now => $"bearer {Jwt(Good(now))}", 422);
        yield return Case("upper-case scheme", now => $"BEARER {Jwt(Good(now))}", 422);
        yield return Case("no scheme", now => Jwt(Good(now)), 401);
        yield return Case("other scheme", now => $"Token {Jwt(Good(now))}", 401);
        yield return Case("nothing", _ => "Bearer ", 401);
        yield return Case("two tokens", now => $"Bearer {Jwt(Good(now))}, Bearer {Jwt(Good(now))}", 401);
        foreach (string alg in new[] { "none", "None", "NONE", "nOnE", "HS384", "HS512", "hs256", "RS256" })
            yield return Case(alg, now => $"Bearer {Jwt(Good(now), new { alg, typ = "JWT" })}", 401);
        yield return Case("unsigned", now => $"Bearer {Jwt(Good(now))[..^43]}", 401);
        yield return Case("other secret", now => $"Bearer {Jwt(Good(now), secret: "other")}", 401);
        yield return Case("no exp", _ => $"Bearer {Jwt(new { user_id = "euphrosyne" })}", 401);
        yield return Case("exp as text", now => $"Bearer {Jwt(new { user_id = "euphrosyne", exp = $"{now + 300}" })}", 401);
        yield return Case("exp null", _ => $"Bearer {Jwt(new { user_id = "euphrosyne", exp = (long?)null })}", 401);
        yield return Case("expired", now => $"Bearer {Jwt(new { user_id = "euphrosyne", exp = now - 61 })}", 401);
        yield return Case("not yet", now => $"Bearer {Jwt(new { user_id = "euphrosyne", exp = now + 300, nbf = now + 120 })}", 401);
        yield return Case("iat in the future", now => $"Bearer {Jwt(new { user_id = "euphrosyne", exp = now + 300, iat = now + 9999 })}", 422);
        yield return Case("number as user", now => $"Bearer {Jwt(new { user_id = 7, exp = now + 300, is_admin = true })}", 403);
        yield return Case("other user", now => $"Bearer {Jwt(new { user_id = "7", exp = now + 300 })}", 403);
        yield return Case("link", now => $"Bearer {Jwt(new { path = "/x", exp = now + 300 })}", 403);
        yield return Case("refresh token of the same user", now => $"Bearer {Jwt(new { token_type = "refresh", user_id = "euphrosyne", exp = now + 300 })}", 422);

        static object Good(long now) => new { user_id = "euphrosyne", exp = now + 300 };
        static TestCaseData Case(string name, Func<long, string> token, int status) => new TestCaseData(name, token, status).SetArgDisplayNames(name);
    }

    [Test]
    public async Task Token_TwoHeaders_Is401()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/data/projects/demo/cool?operation_id=x");
        request.Headers.TryAddWithoutValidation("Authorization", new[] { client.DefaultRequestHeaders.Authorization!.ToString(), "Bearer x" });
        using HttpClient stranger = service.Client(null);

        (await stranger.SendAsync(request).ReadAsync()).Status.Should().Be(401);
    }

    [TestCase("x")]
    [TestCase("django-11by")]
    [TestCase("é")]
    public async Task Secret_OfAnyLength_Works(string secret)
    {
        await using ServiceUnderTest other = await ServiceUnderTest.StartAsync(("JWT_SECRET_KEY", secret), ("EUPHROSYNE_BACKEND_URL", "http://127.0.0.1:9"));
        using HttpClient known = other.Client(null);
        known.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", Jwt(new { user_id = "euphrosyne", exp = other.Time.GetUtcNow().ToUnixTimeSeconds() + 300 }, secret: secret));

        await known.PostAsync($"/data/projects/demo/cool?operation_id={Id}", null).JsonAsync(202);
    }

    [Test]
    public async Task Outbox_ListAndResend_NameWhatIsWrong()
    {
        using HttpClient @operator = service.Operator();

        (await @operator.GetAsync("/api/outbox").JsonAsync(200))["items"]!.AsArray().Should().BeEmpty();
        (await @operator.GetAsync("/api/outbox?status=LOST").JsonAsync(400))["field"]!.GetValue<string>().Should().Be("status");
        (await @operator.PostAsync("/api/outbox/7/resend", null).JsonAsync(404))["code"]!.GetValue<string>().Should().Be("outbox-message-unknown");
        (await @operator.PostAsync("/api/outbox/x/resend", null).JsonAsync(400))["field"]!.GetValue<string>().Should().Be("sequence");
        (await @operator.DeleteAsync("/api/outbox").JsonAsync(405))["code"]!.GetValue<string>().Should().Be("method-not-allowed");
    }
}
