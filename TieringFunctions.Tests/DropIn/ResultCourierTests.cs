using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NSubstitute;
using Tiering.Core.Catalogue;
using Tiering.Emulators.Euphrosyne;

namespace Tiering.Tests.DropIn;

/// <summary>Chapter 8: when a result is told, and what happens when it is not taken.</summary>
public sealed class ResultCourierTests
{
    [Test]
    public async Task Deliver_ClientTakesIt_IsDoneOnce()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();

        (await lab.DeliverAsync(message)).Should().BeNull();
        (await lab.DeliverAsync(message)).Should().BeNull();

        lab.Client.Callbacks.Should().ContainSingle().Which.Body.Should().Be(message.Payload);
        lab.Client.Model.StateOf("demo").Should().Be("COOL");
        (await lab.FindAsync(message)).Status.Should().Be(OutboxStatus.Delivered);
        lab.Client.Model.Find(message.Operation.Id)!.BytesCopied.Should().Be(5_000_000_000, "totals go beyond 32 bits");
    }

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(408)]
    [TestCase(425)]
    [TestCase(429)]
    [TestCase(302)]
    public async Task Deliver_Trouble_FollowsTheSchedule(int status)
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Status = status, Times = 6 });

        foreach (int wait in new[] { 1, 2, 4, 8, 16, 32 })
        {
            DateTimeOffset now = lab.Time.GetUtcNow();
            (await lab.DeliverAsync(message)).Should().Be(now.AddSeconds(wait));
            (await lab.DeliverAsync(message)).Should().Be(now.AddSeconds(wait), "it is not tried before its time");
            lab.Time.Advance(TimeSpan.FromSeconds(wait));
        }
        (await lab.DeliverAsync(message)).Should().BeNull();

        lab.Client.Callbacks.Should().HaveCount(7);
        lab.Client.Callbacks.Select(request => request.Body).Distinct().Should().ContainSingle();
        lab.Client.Model.StateOf("demo").Should().Be("COOL");
    }

    [TestCase(ClientFaultKind.Close)]
    [TestCase(ClientFaultKind.CloseAfterActing)]
    public async Task Deliver_ConnectionLost_IsRepeated(ClientFaultKind kind)
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Add(new ClientFault("callback", kind) { Times = 1 });

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(1));
        (await lab.FindAsync(message)).LastError.Should().StartWith("No connection");
        lab.Time.Advance(TimeSpan.FromSeconds(1));
        (await lab.DeliverAsync(message)).Should().BeNull();

        lab.Client.Model.StateOf("demo").Should().Be("COOL");
    }

    [Test]
    public async Task Deliver_NobodyListens_IsRepeated()
    {
        await using CourierLab lab = await CourierLab.StartAsync("http://127.0.0.1:9");
        OutboxMessage message = await lab.OweAsync();

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(1));
    }

    [TestCase(400)]
    [TestCase(401)]
    [TestCase(403)]
    [TestCase(404)]
    [TestCase(409)]
    public async Task Deliver_Refused_IsLeftAloneAndStaysVisible(int status)
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Status = status, Times = 1 });

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(120));
        lab.Time.Advance(TimeSpan.FromSeconds(61));
        await lab.DeliverAsync(message);

        lab.Client.Callbacks.Should().ContainSingle();
        (await lab.FindAsync(message)).Should().BeEquivalentTo(new { Status = OutboxStatus.Pending, Attempts = 1, LastError = $"HTTP {status}" });
    }

    [Test]
    public async Task Deliver_RetryAfter_IsHonoured()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Status = 429, RetryAfter = 77, Times = 1 });

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(77));
    }

    [Test]
    public async Task Deliver_AfterDays_IsParkedAndCanBeSentAgain()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Add(new ClientFault("callback", ClientFaultKind.Status));
        lab.Time.Advance(TimeSpan.FromDays(7));

        (await lab.DeliverAsync(message)).Should().BeNull();
        (await lab.FindAsync(message)).Status.Should().Be(OutboxStatus.Parked);

        lab.Client.ClearFaults();
        OutboxMessage again = (await lab.Outbox.ResendAsync(message.Sequence, new Caller("operator"), default))!;
        lab.Time.Advance(TimeSpan.FromSeconds(6));
        (await lab.DeliverAsync(message)).Should().BeNull("the first putting-in is over");
        lab.Client.Callbacks.Should().ContainSingle();
        (await lab.DeliverAsync(again)).Should().BeNull();

        lab.Client.Callbacks.Select(request => request.Body).Should().Equal(message.Payload, message.Payload);
        (await lab.FindAsync(message)).Status.Should().Be(OutboxStatus.Delivered);
    }

    [Test]
    public async Task Deliver_BackendUrlMissing_IsAReportedError()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Settings["EUPHROSYNE_BACKEND_URL"] = null;

        (await lab.DeliverAsync(message)).Should().NotBeNull();

        (await lab.FindAsync(message)).LastError.Should().Be("EUPHROSYNE_BACKEND_URL environment variable is not set.");
    }

    [Test]
    public async Task Deliver_BeforeTheDelay_Waits()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        DateTimeOffset accepted = lab.Time.GetUtcNow();
        OutboxMessage message = await lab.OweAsync(waited: false, error: new Core.Lifecycle.OperationError("refused", "At once."));

        DateTimeOffset due = (await lab.DeliverAsync(message))!.Value;

        due.Should().BeOnOrAfter(accepted.AddSeconds(5)).And.BeBefore(accepted.AddSeconds(6));
        lab.Client.Requests.Should().BeEmpty();
        lab.Time.Advance(due - accepted);
        (await lab.DeliverAsync(message)).Should().BeNull();
    }

    [Test]
    public async Task Deliver_AnswerStillUnderWay_WaitsForItAndTheDelay()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        List<Func<object, Task>> ends = [];
        IHttpResponseFeature feature = Substitute.For<IHttpResponseFeature>();
        feature.When(response => response.OnCompleted(Arg.Any<Func<object, Task>>(), Arg.Any<object>()))
            .Do(call => ends.Add(_ => call.Arg<Func<object, Task>>()(call.ArgAt<object>(1))));
        feature.Headers.Returns(new HeaderDictionary());
        DefaultHttpContext http = new();
        http.Features.Set(feature);
        lab.Answers.Begin(message.Operation, http.Response);

        lab.Time.Advance(TimeSpan.FromSeconds(30));
        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(1), "it is looked again whether the answer is written");
        await ends.Single()(null!);
        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(5));
        lab.Client.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task Deliver_ClientHasNotCommittedYet_WaitsUntilItHas([Values("HOT", "ERROR")] string before)
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Model.Put("demo", before);

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(1));
        lab.Client.Callbacks.Should().BeEmpty();
        lab.Client.Model.CommitStart(message.Operation.Id, 202);
        (await lab.DeliverAsync(message)).Should().BeNull();

        lab.Client.Model.StateOf("demo").Should().Be("COOL");
    }

    [Test]
    public async Task Deliver_ClientNeverCommits_IsToldAfterAMinute()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage message = await lab.OweAsync();
        lab.Client.Model.Put("demo", "HOT");
        lab.Time.Advance(TimeSpan.FromSeconds(61));

        (await lab.DeliverAsync(message)).Should().BeNull();

        lab.Client.Callbacks.Should().ContainSingle();
    }

    [Test]
    public async Task Deliver_OlderResultOfTheProjectIsDueSoon_LetsItGoFirst()
    {
        await using CourierLab lab = await CourierLab.StartAsync();
        OutboxMessage older = await lab.OweAsync();
        OutboxMessage newer = await lab.OweAsync();
        OutboxMessage other = await lab.OweAsync("other");

        (await lab.DeliverAsync(newer)).Should().Be(lab.Time.GetUtcNow().AddSeconds(1));
        (await lab.DeliverAsync(other)).Should().BeNull("projects do not wait for one another");
        lab.Client.Add(new ClientFault("callback", ClientFaultKind.Status) { Status = 404, Times = 1 });
        await lab.DeliverAsync(older);
        (await lab.DeliverAsync(newer)).Should().BeNull("a refused one is not waited for");
    }

    [Test]
    public async Task Deliver_ClientsClockIsAhead_IsAFreshTokenThatCountsEachTime()
    {
        await using CourierLab lab = await CourierLab.StartAsync(skew: TimeSpan.FromSeconds(200));
        OutboxMessage message = await lab.OweAsync();

        (await lab.DeliverAsync(message)).Should().BeNull("a token of five minutes outlives that");

        lab.Client.Callbacks.Single().TokenRefusal.Should().BeNull();
    }

    [Test]
    public async Task Deliver_ClockSkewBeyondTheToken_IsRefusedAndKept()
    {
        await using CourierLab lab = await CourierLab.StartAsync(skew: TimeSpan.FromSeconds(400));
        OutboxMessage message = await lab.OweAsync();

        (await lab.DeliverAsync(message)).Should().Be(lab.Time.GetUtcNow().AddSeconds(120));

        (await lab.FindAsync(message)).LastError.Should().Contain("token_not_valid");
    }
}
