using System.Diagnostics;
using System.Net;
using Tiering.Emulators.Faults;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Emulators;

/// <summary>Each fault, as a plain client sees it.</summary>
public sealed class FaultTests : FilesTest
{
    [TestCase(403, "AuthorizationPermissionMismatch")]
    [TestCase(404, "ResourceNotFound")]
    [TestCase(409, "ResourceAlreadyExists")]
    [TestCase(412, "ConditionNotMet")]
    [TestCase(429, "TooManyRequests")]
    [TestCase(500, "InternalError")]
    [TestCase(503, "ServerBusy")]
    public async Task Status_Set_IsAnsweredWithItsCodeAndNothingIsDone(int status, string code)
    {
        Fault fault = Files.Faults.Add(new() { Status = status, Operation = "CreateFile", RetryAfterSeconds = 7 });

        Answer answer = await Client.CreateFileAsync("hot/f", 1);

        ((int)answer.Status).Should().Be(status);
        answer.Code.Should().Be(code);
        answer.Headers["Retry-After"].Should().Be("7");
        File.Exists(Path.Combine(Hot, "f")).Should().BeFalse();
        (await Client.CreateDirectoryAsync("hot/d")).Status.Should().Be(HttpStatusCode.Created, "another operation is not met");
        fault.Fired.Should().Be(1);
    }

    [Test]
    public async Task Status_AfterActing_DeniesWhatWasDone()
    {
        Files.Faults.Add(new() { Status = 500, Code = "OperationTimedOut", AfterActing = true });

        (await Client.CreateFileAsync("hot/f", 3)).Code.Should().Be("OperationTimedOut");

        new FileInfo(Path.Combine(Hot, "f")).Length.Should().Be(3);
    }

    [Test]
    public async Task Rule_WithSkipAndCount_FiresThenAndThatOften()
    {
        Folder.File("shares/hot/f", "x");
        Fault fault = Files.Faults.Add(new() { Status = 503, Method = "GET", Path = "hot/*", Skip = 2, Count = 3 });

        List<int> statuses = [];
        for (int i = 0; i < 7; i++)
            statuses.Add((int)(await Client.SendAsync("GET", "hot/f")).Status);

        statuses.Should().Equal(200, 200, 503, 503, 503, 200, 200);
        (fault.Met, fault.Fired).Should().Be((7, 3));
    }

    [Test]
    public async Task Rule_WithProbability_DrawsTheSameFromTheSameSeed()
    {
        Folder.File("shares/hot/f", "x");
        async Task<string> DrawAsync(int seed)
        {
            Files.Faults.Clear();
            Files.Faults.Add(new() { Status = 500, Probability = 0.5, Seed = seed });
            string draws = "";
            for (int i = 0; i < 40; i++)
                draws += (await Client.SendAsync("GET", "hot/f")).Status == HttpStatusCode.OK ? "." : "x";
            return draws;
        }

        string first = await DrawAsync(1);

        first.Should().Contain("x").And.Contain(".");
        (await DrawAsync(1)).Should().Be(first);
        (await DrawAsync(2)).Should().NotBe(first);
    }

    [TestCase("hot/dir/*", "hot/dir/a/b", true)]
    [TestCase("*/b", "hot/dir/a/b", true)]
    [TestCase("hot/d*/a/*", "hot/dir/a/b", true)]
    [TestCase("hot/dir", "hot/dir/a", false)]
    [TestCase("*b*c", "aXbXb", false)]
    [TestCase("*", "", true)]
    [TestCase("a?c", "abc", false)]
    public void Pattern_OfAPath_KnowsTheStarOnly(string pattern, string path, bool matches) =>
        new FaultSet().Add(new() { Path = pattern }).Fires("files", "GET", "GetFile", path).Should().Be(matches);

    [Test]
    public async Task Cut_AfterSomeBytesOfTheAnswer_BreaksTheConnection()
    {
        Folder.File("shares/hot/f", new string('x', 100_000));
        Files.Faults.Add(new() { Operation = "GetFile", CutResponseAfterBytes = 1_000, Count = 1 });

        await Client.Awaiting(client => client.SendAsync("GET", "hot/f")).Should().ThrowAsync<HttpRequestException>();

        RequestRecord request = await Files.Log.WaitForAsync(r => r.Operation == "GetFile", Eventually.Limit);
        (request.BytesOut, request.Complete).Should().Be((1_000, false));
        (await Client.SendAsync("GET", "hot/f")).Content.Should().HaveCount(100_000);
    }

    [Test]
    public async Task Cut_BeforeTheAnswer_LeavesWhatWasDone()
    {
        Files.Faults.Add(new() { Operation = "CreateFile", CutResponseAfterBytes = 0, Count = 1 });

        await Client.Awaiting(client => client.CreateFileAsync("hot/f", 3)).Should().ThrowAsync<HttpRequestException>();

        (await Files.Log.WaitForAsync(r => r.Operation == "CreateFile", Eventually.Limit)).Status.Should().BeNull();
        File.Exists(Path.Combine(Hot, "f")).Should().BeTrue();
    }

    [TestCase(0)]
    [TestCase(70_000)]
    public async Task Cut_InTheRequest_WritesNothing(int bytes)
    {
        await Client.CreateFileAsync("hot/f", 1_000_000);
        Files.Faults.Add(new() { Operation = "PutRange", CutRequestAfterBytes = bytes });

        await Client.Awaiting(client => client.PutRangeAsync("hot/f", 0, Enumerable.Repeat((byte)1, 1_000_000).ToArray()))
            .Should().ThrowAsync<HttpRequestException>();

        (await Files.Log.WaitForAsync(r => r.Operation == "PutRange", Eventually.Limit)).BytesIn.Should().Be(bytes);
        File.ReadAllBytes(Path.Combine(Hot, "f")).Should().OnlyContain(b => b == 0);
    }

    [Test]
    public async Task Length_ToldTooLong_EndsTheBodyEarly()
    {
        Folder.File("shares/hot/f", "0123456789");
        Files.Faults.Add(new() { ContentLengthDelta = 5 });

        await Client.Awaiting(client => client.SendAsync("GET", "hot/f")).Should().ThrowAsync<HttpRequestException>();
        (await Client.SendAsync("HEAD", "hot/f")).Headers["Content-Length"].Should().Be("15");
    }

    [Test]
    public async Task Length_ToldTooShort_LosesTheEndSilently()
    {
        Folder.File("shares/hot/f", "0123456789");
        Files.Faults.Add(new() { ContentLengthDelta = -3 });

        (await Client.SendAsync("GET", "hot/f")).Text.Should().Be("0123456");
        (await Client.SendAsync("HEAD", "hot/f")).Headers["Content-Length"].Should().Be("7");
    }

    [Test]
    public async Task Listing_WithOmittedEntries_LooksWhole()
    {
        foreach (string name in (string[])["a1", "b1", "a2", "b2"])
            Folder.File($"shares/hot/{name}", "");
        Files.Faults.Add(new() { Operation = "ListDirectory", OmitEntries = "a*" });

        Answer answer = await Client.ListAsync("hot");

        answer.Names.Should().Equal("b1", "b2");
        answer.Xml.Element("NextMarker")!.Value.Should().BeEmpty();
    }

    [Test]
    public async Task Listing_Truncated_HidesItsNextPage()
    {
        foreach (string name in (string[])["a", "b", "c", "d"])
            Folder.File($"shares/hot/{name}", "");
        Files.Faults.Add(new() { TruncateListing = 1 });

        Answer answer = await Client.ListAsync("hot", "&maxresults=3");

        answer.Names.Should().Equal("a");
        answer.Xml.Element("NextMarker")!.Value.Should().BeEmpty();
    }

    [Test]
    public async Task Slow_Answer_TakesAtLeastItsTime()
    {
        Folder.File("shares/hot/f", new string('x', 1_000));
        Files.Faults.Add(new() { DelayMilliseconds = 200, BytesPerSecond = 2_000 });
        Stopwatch watch = Stopwatch.StartNew();

        (await Client.SendAsync("GET", "hot/f")).Content.Should().HaveCount(1_000);

        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromMilliseconds(600));
    }

    [Test]
    public async Task Slow_ClientThatLeaves_EndsTheRequest()
    {
        Folder.File("shares/hot/f", "x");
        Files.Faults.Add(new() { DelayMilliseconds = 3_600_000 });
        using HttpClient http = new();
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> asked = http.GetAsync($"{Files.UriOf("hot", "f")}?{StorageLab.Sas()}", leave.Token);
        while (Files.Log.Active.Count == 0)
            await Task.Yield();

        leave.Cancel();

        await FluentActions.Awaiting(() => asked).Should().ThrowAsync<OperationCanceledException>();
        (await Files.Log.WaitForAsync(r => r.Operation == "GetFile", Eventually.Limit)).Should().Match<RequestRecord>(r => !r.Complete && r.Status == null);
        Files.Log.Active.Should().BeEmpty();
    }

    [Test]
    public async Task Hold_UntilTheRuleIsRemoved_KeepsTheRequestWaiting([Values] bool clear)
    {
        Folder.File("shares/hot/f", "x");
        Fault hold = Files.Faults.Add(new() { Hold = true, Operation = "GetFile" });
        Task<Answer> held = Client.SendAsync("GET", "hot/f");
        await Eventually.IsTrueAsync(() => hold.Fired == 1);

        (await Client.SendAsync("HEAD", "hot/f")).Status.Should().Be(HttpStatusCode.OK, "another operation passes");
        Files.Log.Active.Should().ContainSingle(request => request.Operation == "GetFile");
        if (clear)
            Files.Faults.Clear();
        else
            Files.Faults.Remove(hold.Id).Should().BeTrue();

        (await held).Text.Should().Be("x");
    }

    [Test]
    public async Task Hold_ClientThatLeaves_IsNeverCarriedOut()
    {
        Fault hold = Files.Faults.Add(new() { Hold = true });
        using HttpClient http = new();
        using CancellationTokenSource leave = new();
        using HttpRequestMessage create = new(HttpMethod.Put, $"{Files.UriOf("hot", "f")}?{StorageLab.Sas()}") { Headers = { { "x-ms-type", "file" }, { "x-ms-content-length", "4" } } };
        Task<HttpResponseMessage> asked = http.SendAsync(create, leave.Token);
        await Eventually.IsTrueAsync(() => hold.Fired == 1);

        await leave.CancelAsync();

        await FluentActions.Awaiting(() => asked).Should().ThrowAsync<OperationCanceledException>();
        (await Files.Log.WaitForAsync(request => request.Operation == "CreateFile", Eventually.Limit)).Complete.Should().BeFalse();
        Files.Faults.Clear();
        File.Exists(Path.Combine(Hot, "f")).Should().BeFalse();
    }

    [Test]
    public void Rule_OutOfRange_IsRefusedByName()
    {
        Files.Faults.Invoking(faults => faults.Add(new() { Probability = 1.5 })).Should().Throw<ArgumentException>().WithMessage("Probability*");
        Files.Faults.Invoking(faults => faults.Add(new() { Server = "queues" })).Should().Throw<ArgumentException>().WithMessage("Server*");
        Files.Faults.Invoking(faults => faults.Add(new() { Code = "ServerBusy" })).Should().Throw<ArgumentException>().WithMessage("Code*");
    }
}
