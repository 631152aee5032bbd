using Tiering.Core;
using Tiering.Core.Catalogue;
using Tiering.Core.Lifecycle;
using Tiering.Emulators.Euphrosyne;
using Tiering.Functions.Euphrosyne;

namespace Tiering.Tests.DropIn;

/// <summary>Chapter 7.1: where the client says that a project's data lives.</summary>
public sealed class LookUpTests
{
    private static readonly ProjectSlug Demo = ProjectSlug.Parse("demo");
    private CourierLab lab = null!;
    private AnswersInTime answers = null!;

    [SetUp]
    public async Task StartAsync()
    {
        lab = await CourierLab.StartAsync();
        answers = new AnswersInTime();
    }

    [TearDown]
    public async Task StopAsync()
    {
        answers.Dispose();
        await lab.DisposeAsync();
    }

    [TestCase("HOT", LifecycleState.Hot)]
    [TestCase("COOLING", LifecycleState.Cooling)]
    [TestCase("COOL", LifecycleState.Cool)]
    [TestCase("RESTORING", LifecycleState.Restoring)]
    [TestCase("ERROR", LifecycleState.Error)]
    [TestCase("FROZEN", null)]
    [TestCase("cool", null)]
    public async Task LookUp_State_IsGiven(string word, LifecycleState? state)
    {
        ClientOperation last = new(Guid.NewGuid(), "demo", "COOL", DateTimeOffset.UtcNow);
        lab.Client.Model.Put(last);
        lab.Client.Model.Put("demo", word);

        (await lab.Http.LookUpAsync(Demo, 2, default)).Should().Be(new ProjectLifecycle(state, last.Id));
    }

    [Test]
    public async Task LookUp_Request_IsExactlyThis()
    {
        lab.Client.Model.Put("été 1", "HOT");

        (await lab.Http.LookUpAsync(ProjectSlug.Parse("été 1"), 2, default)).LastOperationId.Should().BeNull();

        ClientRequest request = lab.Client.Requests[0];
        (request.Method, request.Target, request.TokenRefusal).Should().Be(("GET", "/api/data-management/projects/%C3%A9t%C3%A9%201/lifecycle", null));
        request.Authorization.Should().StartWith("Bearer ");
    }

    [TestCase("http://127.0.0.1:1/app", "http://127.0.0.1:1/app")]
    [TestCase(" http://127.0.0.1:1/app// ", "http://127.0.0.1:1/app")]
    public void Url_WithSlashesAtTheEnd_LosesThem(string given, string url)
    {
        lab.Settings["EUPHROSYNE_BACKEND_URL"] = given;

        lab.Backend.Url.Should().Be(url);
    }

    [TestCase("EUPHROSYNE_BACKEND_URL", "localhost", "EUPHROSYNE_BACKEND_URL must be an http or https address without query")]
    [TestCase("JWT_SECRET_KEY", "", "JWT_SECRET_KEY environment variable is not set")]
    [TestCase("TIERING_CALLBACK_DELAY_SECONDS", "0.5", "TIERING_CALLBACK_DELAY_SECONDS must be a number from 1 to 3600")]
    [TestCase("TIERING_OUTBOX_DAYS", "never", "TIERING_OUTBOX_DAYS must be a number from 0.01 to 90")]
    public void Check_SettingIsWrong_NamesItAndTheRule(string name, string value, string message)
    {
        lab.Settings[name] = value;

        FluentActions.Invoking(lab.Backend.Check).Should().Throw<ConfigurationException>().WithMessage(message);
    }

    [Test]
    public async Task LookUp_NotFound_IsFinal()
    {
        (await Failing()).WithMessage("Project not found (fetch_project_lifecycle)");

        answers.Count.Should().Be(1);
    }

    [TestCase("<html>")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"lifecycle_state":null}""")]
    [TestCase("""{"lifecycle_state":7}""")]
    [TestCase("""{"lifecycle_state":"HOT","last_operation_id":"x"}""")]
    [TestCase("")]
    public async Task LookUp_Nonsense_IsFinal(string body)
    {
        lab.Client.Add(new ClientFault("lifecycle", ClientFaultKind.Garbage) { Body = body });

        (await Failing()).WithMessage("Storage backend returned an invalid response (fetch_project_lifecycle)");

        answers.Count.Should().Be(1);
    }

    [TestCase(ClientFaultKind.Status, 500)]
    [TestCase(ClientFaultKind.Status, 401)]
    [TestCase(ClientFaultKind.Status, 302)]
    [TestCase(ClientFaultKind.Close, 0)]
    [TestCase(ClientFaultKind.Hang, 0)]
    public async Task LookUp_NoUsableAnswerTwice_IsUnavailable(ClientFaultKind kind, int status)
    {
        lab.Client.Add(new ClientFault("lifecycle", kind) { Status = status });

        (await Failing()).WithMessage("Storage backend is unavailable (fetch_project_lifecycle)");

        lab.Client.Requests.Should().HaveCount(2);
        (lab.Client.Requests[1].At - lab.Client.Requests[0].At).Should().BeGreaterThan(TimeSpan.FromSeconds(0.9));
    }

    [Test]
    public async Task LookUp_SecondAttempt_IsGoodEnough()
    {
        lab.Client.Model.Put("demo", "COOL");
        lab.Client.Add(new ClientFault("lifecycle", ClientFaultKind.Status) { Times = 1 });

        (await lab.Http.LookUpAsync(Demo, 2, default)).State.Should().Be(LifecycleState.Cool);
    }

    [Test]
    public void Token_HasTheTwoClaimsAndNoOther()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string[] parts = OutboundToken.Create("é", now).Split('.');

        System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Should()
            .Be($$"""{"user_id":"euphrosyne","exp":{{now.ToUnixTimeSeconds() + 300}}}""");
        ClientToken.Refusal($"Bearer {string.Join('.', parts)}", "é", now).Should().BeNull();
    }

    private async Task<FluentAssertions.Specialized.ExceptionAssertions<LifecycleLookUpException>> Failing()
    {
        using HttpClient http = new(answers, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        EuphrosyneClient client = new(lab.Backend, http, TimeProvider.System);
        return await FluentActions.Awaiting(() => client.LookUpAsync(Demo, 2, default)).Should().ThrowAsync<LifecycleLookUpException>();
    }

    /// <summary>Counts the answers that were waited for: after one that came too late, it is rightly asked again.</summary>
    private sealed class AnswersInTime() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        public int Count { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            Count++;
            return answer;
        }
    }
}
