using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tiering.Core.Catalogue;
using Tiering.EmbeddedHost;
using Tiering.Functions.Triggers;

namespace Tiering.Tests.Triggers;

/// <summary>What the query of a request to <c>/api</c> may hold.</summary>
public sealed partial class ApiQueriesTests
{
    private const string Id = "8f0c2d6e-7b0a-4b5e-9c61-2f6d3a1b7e55";
    private ServiceUnderTest service = null!;
    private HttpClient client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        service = await ServiceUnderTest.StartAsync();
        client = service.Operator();
        await service.AddProjectAsync("demo");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [TestCaseSource(nameof(All))]
    public async Task Query_UnknownName_IsRefused(ApiRoute route)
    {
        JsonNode problem = await SendAsync(route, "nonsense=true").JsonAsync(400);

        (problem["code"]!.GetValue<string>(), problem["field"]!.GetValue<string>()).Should().Be(("invalid-field", "nonsense"));
        problem["detail"]!.GetValue<string>().Should().Be(route.Query.Names.Count == 0
            ? "nonsense is not known here: the query must be empty."
            : $"nonsense is not known here; the parameters of the query are {string.Join(", ", route.Query.Names)}.");
        service.Starter.Asked.Should().BeEmpty();
    }

    [TestCaseSource(nameof(All))]
    public async Task Query_NameGivenTwice_IsRefused(ApiRoute route)
    {
        foreach (string name in route.Query.Names)
        {
            JsonNode problem = await SendAsync(route, $"{name}=1&{name}=1").JsonAsync(400);
            (problem["field"]!.GetValue<string>(), problem["detail"]!.GetValue<string>()).Should().Be((name, $"{name} must be given once."));
        }
    }

    [TestCaseSource(nameof(Changing))]
    public async Task Query_UnknownNameOfAChange_IsAudited(ApiRoute route)
    {
        await SendAsync(route, "nonsense=true").JsonAsync(400);

        AuditEntry entry = (await service.Audit.ListAsync(new AuditQuery(Limit: 1), default)).Entries.Single();
        entry.Should().BeEquivalentTo(new { Who = "operator", route.Query.Action, Outcome = AuditOutcomes.Refused });
        entry.Project.Should().Be(route.Path.Contains("{slug}", StringComparison.Ordinal) ? "demo" : null);
        entry.Detail.Should().StartWith("invalid-field: nonsense is not known here");
    }

    [TestCase("projects/demo/delete-source?dry_run=true", "dry_run")]
    [TestCase("projects/demo/cool?dryRun=true", "dryRun")]
    [TestCase("projects/demo/cool?DRY_RUN=true", "DRY_RUN")]
    [TestCase("projects/demo/cool?force=true", "force")]
    [TestCase("operations/" + Id + "/retry?dry_run=true", "dry_run")]
    [TestCase("projects/import?dry_run=true", "dry_run")]
    [TestCase("projects/demo/cool?dry_run=true&dry_run=false", "dry_run")]
    [TestCase("projects/demo/cool?=true", "query")]
    public async Task Post_ThatMayBeMeantAsADryRun_DoesNothing(string path, string field)
    {
        JsonNode problem = await client.PostAsync($"/api/{path}", content: null).JsonAsync(400);

        problem["field"]!.GetValue<string>().Should().Be(field);
        service.Starter.Asked.Should().BeEmpty();
    }

    [TestCase("/api/health/live?probe=7", 200)]
    [TestCase("/api/nothing?nonsense=true", 404)]
    [TestCase("/api/operations?", 200)]
    [TestCase("/api/audit?limit=50&", 200)]
    public async Task Get_ThatTakesWhateverComes_IsAnsweredAsEver(string path, int status) => (await client.GetAsync(path).ReadAsync()).Status.Should().Be(status);

    [Test]
    public async Task Data_UnknownName_IsPassedOverAsEver()
    {
        using HttpClient euphrosyne = service.Euphrosyne();

        (await euphrosyne.GetAsync($"/data/projects/demo/cool/{Id}?nonsense=true").ReadAsync()).Should().Be((404, """{"detail":"Operation not found"}"""));
    }

    [TestCaseSource(nameof(All))]
    public void Query_OfEveryFunction_NamesAnActionExactlyWhenItChangesSomething(ApiRoute route) =>
        (route.Query.Action is not null).Should().Be(route.Method != HttpMethod.Get);

    [Test]
    public void Names_OnThePage_AreTheFunctionsOwn()
    {
        string pages = File.ReadAllText(Path.Combine(Support.Tools.RepositoryRoot, "docs", "api.md")) + File.ReadAllText(Path.Combine(Support.Tools.RepositoryRoot, "docs", "nights.md"));
        List<Match> named = QueryOnThePage().Matches(pages).ToList();

        named.Should().HaveCountGreaterThan(8);
        foreach (Match match in named)
        {
            ApiRoute route = All().Single(known => known.Path == match.Groups["path"].Value && known.Method.Method == match.Groups["method"].Value);
            string[] names = [.. match.Groups["query"].Value.Split('&').Select(parameter => parameter.Split('=')[0])];
            names.Should().BeSubsetOf(route.Query.Names, match.Value);
        }
    }

    private static IEnumerable<ApiRoute> Changing() => All().Where(route => route.Method != HttpMethod.Get);

    private static IEnumerable<ApiRoute> All() =>
        from type in typeof(ApiQueries).Assembly.GetTypes()
        from method in type.GetMethods()
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        let route = trigger?.Route ?? ""
        where route.StartsWith("api/", StringComparison.Ordinal) && !route.StartsWith("api/health/", StringComparison.Ordinal)
        from verb in trigger.Methods ?? []
        select new ApiRoute(HttpMethod.Parse(verb), route, method.GetCustomAttribute<QueryAttribute>() ?? new QueryAttribute());

    private Task<HttpResponseMessage> SendAsync(ApiRoute route, string query)
    {
        string path = route.Path.Replace("{slug}", "demo", StringComparison.Ordinal).Replace("{id}", Id, StringComparison.Ordinal)
            .Replace("{date}", "2026-03-12", StringComparison.Ordinal).Replace("{run}", "r1", StringComparison.Ordinal).Replace("{sequence}", "1", StringComparison.Ordinal);
        return client.SendAsync(new HttpRequestMessage(route.Method, $"/{path}?{query}"));
    }

    [GeneratedRegex(@"`(?<method>GET|POST) /(?<path>api/[^?`]*)\?(?<query>[a-zA-Z_]+=[^`]*)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QueryOnThePage();

    public sealed record ApiRoute(HttpMethod Method, string Path, QueryAttribute Query)
    {
        public override string ToString() => $"{Method} {Path}";
    }
}
