using System.Net;
using System.Text.Json;
using Tiering.Core.Transfers.Jobs;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>Several requests at once: one per project, as many projects as the limit allows, one execution per id.</summary>
public sealed class ConcurrencyTests : SharedJourney
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["TIERING_MAX_RUNNING_TRANSFERS"] = "1" };

    [Test]
    public async Task SecondTransfer_OverTheLimit_WaitsAndThenRuns()
    {
        await ProjectAsync("first");
        await ProjectAsync("second");
        HeldRequests held = Faults.HoldWrites("cool/first/*");
        string first = await Service.AskAsync("first", "cool");
        await held.ArriveAsync();
        string second = await Service.AskAsync("second", "cool");
        await Service.WaitAsync(
            () => Service.SendAsync(HttpMethod.Get, "/api/instances?status=RUNNING"),
            all => all.GetProperty("items").EnumerateArray().Any(item => item.TryGetProperty("customStatus", out JsonElement told) && told.ToString().Contains("waiting-for-slot", StringComparison.Ordinal)),
            "the second to wait");

        (await Service.ShowAsync(second)).GetProperty("status").GetString().Should().Be("PENDING");
        (await Service.StateAsync("second")).Should().Be("HOT");
        (int status, string code, string detail) = await Service.RefusalAsync(HttpMethod.Post, "/api/projects/second/cool");
        (status, code).Should().Be((409, "project-busy"));
        detail.Should().Contain("second is held by").And.Contain(second);

        held.Dispose();
        JsonElement ended = Succeeded(await Service.EndOfAsync(first));
        JsonElement waited = Succeeded(await Service.EndOfAsync(second));
        waited.GetProperty("startedAt").GetDateTimeOffset().Should().BeOnOrAfter(ended.GetProperty("finishedAt").GetDateTimeOffset());
    }

    [Test]
    public async Task Cool_TheSameKeyManyTimesAtOnce_IsOneExecution()
    {
        await ProjectAsync("once");
        string id = Guid.NewGuid().ToString("D");
        async Task<(HttpStatusCode Status, string Id)> PostAsync()
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/api/projects/once/cool");
            request.Headers.Add("Idempotency-Key", id);
            using HttpResponseMessage answer = await Service.Http.SendAsync(request);
            return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!);
        }

        (HttpStatusCode Status, string Id)[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync()));

        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.Accepted && answer.Id == id);
        JsonElement ended = Succeeded(await Service.EndOfAsync(id));
        ended.GetProperty("azCopyJobs").GetArrayLength().Should().Be(1);
        (await Service.SendAsync(HttpMethod.Get, "/api/operations?project=once")).GetProperty("items").GetArrayLength().Should().Be(1);
        (await Service.SendAsync(HttpMethod.Get, $"/api/instances?prefix={Path.GetFileName(Service.JobOf(id))}")).GetProperty("items").GetArrayLength().Should().Be(1);
        (await PostAsync()).Should().Be((HttpStatusCode.Accepted, id));
        JsonElement audit = await Service.SendAsync(HttpMethod.Get, "/api/audit?project=once");
        audit.GetProperty("items").EnumerateArray()
            .Count(entry => entry.GetProperty("action").GetString() == "operation" && entry.GetProperty("outcome").GetString() == "accepted").Should().Be(1);
    }
}

/// <summary>With the usual limit, projects do not wait for one another.</summary>
public sealed class ParallelProjectsTests : SharedJourney
{
    [Test]
    public async Task SeveralProjects_CooledAtOnce_RunSideBySide()
    {
        string[] slugs = ["one", "two", "three"];
        List<string> ids = [];
        foreach (string slug in slugs)
            await ProjectAsync(slug);
        using (Faults.HoldWrites("cool/*/notes.txt")) // none ends before all have begun
        {
            foreach (string slug in slugs)
                ids.Add(await Service.AskAsync(slug, "cool"));
            foreach (string id in ids)
                await Service.PhaseAsync(id, TransferPhase.Copy);
        }
        JsonElement[] ended = await Task.WhenAll(ids.Select(Service.EndOfAsync));

        ended.Should().OnlyContain(operation => operation.GetProperty("status").GetString() == "SUCCEEDED");
        ended.Max(operation => operation.GetProperty("startedAt").GetDateTimeOffset())
            .Should().BeBefore(ended.Min(operation => operation.GetProperty("finishedAt").GetDateTimeOffset()), "all of them ran at one time");
    }
}
