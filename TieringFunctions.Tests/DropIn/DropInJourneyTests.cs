using System.Text.Json;
using System.Text.Json.Nodes;
using Tiering.Emulators.Euphrosyne;
using Tiering.Tests.Support;

namespace Tiering.Tests.DropIn;

/// <summary>What the client asks for, from its request until it has the result, with the real service.</summary>
public sealed class DropInJourneyTests : DropInJourney
{
    [Test]
    public async Task CoolDeleteRestoreDelete_ClientHearsOfAllAndDataIsWhatItWas()
    {
        string folder = HotProject("round", files: 7);
        IReadOnlyList<string> before = FolderListing.Of(folder);

        ClientOperation cooled = await MoveAsync("round", "COOL");
        cooled.Should().BeEquivalentTo(new { Status = "SUCCEEDED", FilesTotal = 7L, FilesCopied = 7L, BytesTotal = 700L, BytesCopied = 700L }, Service.Output);
        Client.Model.StateOf("round").Should().Be("COOL");

        (await DeleteAsync(cooled.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        Directory.Exists(folder).Should().BeFalse();

        ClientOperation restored = await MoveAsync("round", "RESTORE");
        restored.Status.Should().Be("SUCCEEDED", $"{restored}\n{Service.Output}");
        Client.Model.StateOf("round").Should().Be("HOT");
        FolderListing.Of(folder).Should().Equal(before);

        (await DeleteAsync(restored.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("round/", StringComparison.Ordinal));
        Client.Requests.Should().OnlyContain(request => request.TokenRefusal == null && !request.IsChunked);
    }

    [Test]
    public async Task Callback_OfACool_IsSentOnceAsTheContractSays()
    {
        HotProject("exact", files: 2);

        ClientOperation cooled = await MoveAsync("exact", "COOL");
        (int status, string shown) = await AskAsync(HttpMethod.Get, $"/data/projects/exact/cool/{cooled.Id:D}");

        ClientRequest callback = CallbacksOf(cooled.Id).Should().ContainSingle().Subject;
        callback.Target.Should().Be("/euphrosyne/api/data-management/operations/callback");
        callback.ContentType.Should().Be("application/json");
        callback.ContentLength.Should().Be(System.Text.Encoding.UTF8.GetByteCount(callback.Body));
        callback.Authorization.Should().StartWith("Bearer ");
        JsonObject body = JsonNode.Parse(callback.Body)!.AsObject();
        body.Select(field => field.Key).Should().Equal(
            "project_slug", "operation_id", "type", "status", "finished_at", "bytes_copied", "files_copied", "bytes_total", "files_total", "error_message", "error_details");
        body["finished_at"]!.GetValue<string>().Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$");
        status.Should().Be(200);
        JsonNode view = JsonNode.Parse(shown)!;
        foreach (string name in new[] { "bytes_total", "files_total", "bytes_copied", "files_copied" })
            view[name]!.ToJsonString().Should().Be(body[name]!.ToJsonString());
        shown.Should().EndWith("\"progress_percent\":100.0}");
    }

    [Test]
    public async Task Callback_OfAProjectWithoutData_IsFailedWithTypeAndCode()
    {
        Client.Model.Put("nothing", "HOT");

        ClientOperation failed = await MoveAsync("nothing", "COOL");

        failed.Status.Should().Be("FAILED");
        Client.Model.StateOf("nothing").Should().Be("ERROR");
        JsonNode body = JsonNode.Parse(CallbacksOf(failed.Id).Single().Body)!;
        body["error_message"]!.GetValue<string>().Should().Be("There is no project data in the folder location.");
        body["error_details"]!.ToJsonString().Should().Be("""{"type":"ProjectDataMissingError","code":"project-data-missing"}""");
        foreach (string name in new[] { "bytes_total", "files_total", "bytes_copied", "files_copied" })
            body[name].Should().BeNull();
    }

    [Test]
    public async Task EmptyProject_CooledAndRestored_SucceedsWithZeros()
    {
        Directory.CreateDirectory(Path.Combine(Service.Hot, "empty", "documents"));
        Client.Model.Put("empty", "HOT");

        ClientOperation cooled = await MoveAsync("empty", "COOL");
        cooled.Should().BeEquivalentTo(new { Status = "SUCCEEDED", FilesTotal = 0L, BytesTotal = 0L }, Service.Output);
        (await DeleteAsync(cooled.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        (await MoveAsync("empty", "RESTORE")).Status.Should().Be("SUCCEEDED", Service.Output);
        Directory.Exists(Path.Combine(Service.Hot, "empty", "documents")).Should().BeTrue();
    }

    [Test]
    [Category("Long")]
    public async Task Callback_ClientAnswers500SixTimes_ArrivesTheSeventhTimeUnchanged()
    {
        HotProject("sixfold");
        Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Times = 6, Status = 500, Matching = "sixfold" });

        ClientOperation cooled = await MoveAsync("sixfold", "COOL");

        cooled.Status.Should().Be("SUCCEEDED");
        IReadOnlyList<ClientRequest> sent = CallbacksOf(cooled.Id);
        sent.Select(request => request.Answer).Should().Equal(500, 500, 500, 500, 500, 500, 200);
        sent.Select(request => request.Body).Distinct().Should().ContainSingle();
        sent.Zip(sent.Skip(1), (one, next) => next.At - one.At).Should().OnlyContain(wait => wait > TimeSpan.FromSeconds(0.9), "never a tight loop");
    }

    [Test]
    public async Task Callback_ConnectionClosedAfterActing_IsRepeatedAndDoesNoHarm()
    {
        HotProject("closing");
        Client.Add(new ClientFault("callback", ClientFaultKind.CloseAfterActing) { Times = 2, Matching = "closing" });

        ClientOperation cooled = await MoveAsync("closing", "COOL");
        await Service.WaitAsync(() => OutboxAsync(cooled.Id), message => message.GetProperty("status").GetString() == "DELIVERED", "the delivery");

        CallbacksOf(cooled.Id).Select(request => request.Answer).Should().Equal(0, 0, 200);
        Client.Model.StateOf("closing").Should().Be("COOL");
    }

    [Test]
    public async Task Callback_ClientHangs_DoesNotHoldUpOtherProjects()
    {
        HotProject("hanging");
        HotProject("other");
        Client.Add(new ClientFault("callback", ClientFaultKind.Hang) { Times = 1, Matching = "hanging" });

        ClientOperation hanging = await Client.BeginAsync("hanging", "COOL");
        await Service.WaitAsync(() => Task.FromResult(CallbacksOf(hanging.Id)), sent => sent.Count > 0, "the hanging attempt");
        (await MoveAsync("other", "COOL")).Status.Should().Be("SUCCEEDED");

        (await EndOfAsync(hanging.Id)).Status.Should().Be("SUCCEEDED");
        CallbacksOf(hanging.Id).Should().HaveCount(2);
    }

    [Test]
    public async Task Callback_RefusedByTheClient_StaysVisibleAndCanBeSentAgain()
    {
        HotProject("refused");
        Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Times = 1, Status = 404, Matching = "refused" });
        ClientOperation begun = await Client.BeginAsync("refused", "COOL");
        JsonElement message = await Service.WaitAsync(
            async () => (await Service.SendAsync(HttpMethod.Get, "/api/outbox?limit=1000")).GetProperty("items").EnumerateArray().FirstOrDefault(item => item.GetProperty("operation").GetGuid() == begun.Id),
            item => item.ValueKind == JsonValueKind.Object && item.GetProperty("attempts").GetInt32() == 1,
            "the refusal");
        message.GetProperty("lastError").GetString().Should().StartWith("HTTP 404");
        (message.GetProperty("nextAt").GetDateTimeOffset() - DateTimeOffset.UtcNow).Should().BeGreaterThan(TimeSpan.FromSeconds(60));

        await Service.SendAsync(HttpMethod.Post, $"/api/outbox/{message.GetProperty("sequence").GetInt64()}/resend");

        (await EndOfAsync(begun.Id)).Status.Should().Be("SUCCEEDED");
        CallbacksOf(begun.Id).Select(request => request.Answer).Should().Equal(404, 200);
        JsonElement audit = await Service.SendAsync(HttpMethod.Get, "/api/audit?project=refused");
        audit.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()).Should().Contain("result-resend");
    }

    [Test]
    public async Task Repeat_AfterTheEnd_TellsTheStoredResultAgainAndExecutesNothing()
    {
        HotProject("repeated");
        ClientOperation cooled = await MoveAsync("repeated", "COOL");

        string path = $"/data/projects/repeated/cool?operation_id={cooled.Id:D}";
        (await AskAsync(HttpMethod.Post, path)).Should().Be(
            (202, $$"""{"project_slug":"repeated","operation_id":"{{cooled.Id:D}}","type":"COOL","status":"ACCEPTED"}"""));

        await Service.WaitAsync(() => Task.FromResult(CallbacksOf(cooled.Id)), sent => sent.Count == 2, "the second telling");
        CallbacksOf(cooled.Id).Select(request => request.Body).Distinct().Should().ContainSingle();
        JsonElement operation = await Service.ShowAsync(cooled.Id.ToString("D"));
        operation.GetProperty("azCopyJobs").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task Storm_Of200IdenticalRequests_IsOneExecution()
    {
        HotProject("storm");
        Guid id = Guid.NewGuid();
        Client.Model.Put(new ClientOperation(id, "storm", "COOL", DateTimeOffset.UtcNow));
        string path = $"/data/projects/storm/cool?operation_id={id:D}";

        (int Status, string Body)[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(HttpMethod.Post, path)));
        Client.Model.CommitStart(id, 202);

        answers.Distinct().Should().ContainSingle().Which.Status.Should().Be(202);
        (await EndOfAsync(id)).Status.Should().Be("SUCCEEDED");
        (await Service.ShowAsync(id.ToString("D"))).GetProperty("azCopyJobs").GetArrayLength().Should().Be(1);
    }

    [Test]
    public async Task SecondOperation_OfABusyProject_Is409AndTheClientKeepsItsState()
    {
        HotProject("busy");
        HeldRequests held = Faults.HoldWrites("cool/busy/*");
        ClientOperation first = await Client.BeginAsync("busy", "COOL");

        (int status, string body) = await AskAsync(HttpMethod.Post, $"/data/projects/busy/cool?operation_id={Guid.NewGuid():D}");

        status.Should().Be(409, body);
        JsonNode.Parse(body)!["detail"]!.GetValue<string>().Should().Contain("busy");
        held.Dispose();
        (await EndOfAsync(first.Id)).Status.Should().Be("SUCCEEDED");
    }

    [Test]
    public async Task Cool_OverTheOnlyCopy_IsRefusedAndNothingIsLost()
    {
        string folder = HotProject("only");
        ClientOperation cooled = await MoveAsync("only", "COOL");
        (await DeleteAsync(cooled.Id)).Deletion.Should().Be("SUCCEEDED", Service.Output);
        string[] kept = await BlobsAsync();
        Directory.CreateDirectory(folder); // empty, as something made it anew
        Client.Model.Put("only", "HOT");

        ClientOperation again = await MoveAsync("only", "COOL");

        again.Status.Should().Be("FAILED");
        JsonNode.Parse(CallbacksOf(again.Id)[0].Body)!["error_details"]!["code"]!.GetValue<string>().Should().Be("only-copy");
        (await BlobsAsync()).Should().Equal(kept).And.NotBeEmpty();

        async Task<string[]> BlobsAsync() => [.. (await Azurite.ListAsync("cool")).Where(name => name.StartsWith("only/", StringComparison.Ordinal))];
    }

    [Test]
    public async Task Operation_TheClientHasBegunAnotherSince_IsSupersededAndTouchesNothing()
    {
        HotProject("orphan");
        Guid id = Guid.NewGuid();
        Client.Model.Put(new ClientOperation(id, "orphan", "COOL", DateTimeOffset.UtcNow.AddSeconds(-20)) { Status = "FAILED" });
        Client.Model.Put(new ClientOperation(Guid.NewGuid(), "orphan", "COOL", DateTimeOffset.UtcNow));

        await AskAsync(HttpMethod.Post, $"/data/projects/orphan/cool?operation_id={id:D}");
        await Service.WaitAsync(() => Task.FromResult(CallbacksOf(id)), sent => sent.Count > 0, "the result");

        JsonNode body = JsonNode.Parse(CallbacksOf(id)[0].Body)!;
        body["status"]!.GetValue<string>().Should().Be("FAILED");
        body["error_details"]!["code"]!.GetValue<string>().Should().Be("superseded");
        (await Azurite.ListAsync("cool")).Should().NotContain(name => name.StartsWith("orphan/", StringComparison.Ordinal));
    }
}
