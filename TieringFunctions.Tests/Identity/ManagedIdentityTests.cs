using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Emulators.Identity;
using Tiering.Tests.Support;

namespace Tiering.Tests.Identity;

/// <summary>Tokens from an endpoint that answers, stumbles, refuses and is not there.</summary>
public sealed class ManagedIdentityTests
{
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private ManualTime clock = null!;
    private IdentityEmulator emulator = null!;
    private HttpClient http = null!;

    private ManagedIdentity Identity => new(http, IdentityEndpoint.Read(settings.GetValueOrDefault), clock, TimeSpan.FromMilliseconds(1));

    [SetUp]
    public async Task SetUpAsync()
    {
        emulator = await IdentityEmulator.StartAsync();
        http = ManagedIdentity.CreateClient();
        clock = new ManualTime(DateTimeOffset.UtcNow);
        settings.Clear();
        settings["IDENTITY_ENDPOINT"] = emulator.Endpoint.ToString();
        settings["IDENTITY_HEADER"] = emulator.Secret;
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        http.Dispose();
        await emulator.DisposeAsync();
    }

    [Test]
    public async Task Get_ManyAtOnce_AsksOnceForEachResource()
    {
        ManagedIdentity identity = Identity;
        string[] tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => identity.GetAsync(TokenResources.Storage, default).AsTask()));
        string other = await identity.GetAsync(TokenResources.Management, default);

        tokens.Distinct().Should().ContainSingle().Which.Should().NotBe(other);
        emulator.Asked.Select(request => (request.Resource, request.ClientId, request.Path)).Should().Equal(
            (TokenResources.Storage, null, "/msi/token"), (TokenResources.Management, null, "/msi/token"));
    }

    [TestCase("AZURE_CLIENT_ID")]
    [TestCase("AZCOPY_MSI_CLIENT_ID")]
    public async Task Get_OfAMachineWithSeveralIdentities_NamesOne(string setting)
    {
        settings.Clear();
        settings["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = emulator.MachineEndpoint.ToString();
        settings[setting] = "11111111-2222-4333-8444-555555555555";

        await Identity.GetAsync(TokenResources.Storage, default);

        emulator.Asked.Should().ContainSingle().Which.Should().Match<TokenRequest>(request =>
            request.Path == "/metadata/identity/oauth2/token" && request.ClientId == "11111111-2222-4333-8444-555555555555");
    }

    [Test]
    public async Task Get_FiveMinutesBeforeTheEnd_IsAnotherToken()
    {
        emulator.Lifetime = TimeSpan.FromHours(1);
        ManagedIdentity identity = Identity;
        string first = await identity.GetAsync(TokenResources.Storage, default);

        clock.Advance(TimeSpan.FromMinutes(54));
        (await identity.GetAsync(TokenResources.Storage, default)).Should().Be(first);
        clock.Advance(TimeSpan.FromMinutes(2));
        (await identity.GetAsync(TokenResources.Storage, default)).Should().NotBe(first);
    }

    [Test]
    public async Task Get_NoNewTokenToBeHad_GivesTheOldOneAsLongAsItWorks()
    {
        emulator.Lifetime = TimeSpan.FromHours(1);
        ManagedIdentity identity = Identity;
        string first = await identity.GetAsync(TokenResources.Storage, default);
        clock.Advance(TimeSpan.FromMinutes(57));
        emulator.Troubles.Add(503);
        (await identity.GetAsync(TokenResources.Storage, default)).Should().Be(first);
        (await identity.GetAsync(TokenResources.Storage, default)).Should().NotBe(first, "it goes on asking");
    }

    [TestCase(404)]
    [TestCase(410)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(0)]
    public async Task Get_EndpointThatStumbles_IsAskedAgain(int status)
    {
        ManagedIdentity identity = Identity;
        await identity.GetAsync(TokenResources.Management, default); // it is there
        for (int i = 0; i < 2; i++)
            emulator.Troubles.Add(status);
        (await identity.GetAsync(TokenResources.Storage, default)).Should().NotBeEmpty();
        emulator.Troubles.Left.Should().Be(0);
    }

    [Test]
    public async Task Get_TokenThatWasRefused_IsAskedForAnew()
    {
        ManagedIdentity identity = Identity;
        string first = await identity.GetAsync(TokenResources.Storage, default);
        identity.Refused(TokenResources.Storage);
        (await identity.GetAsync(TokenResources.Storage, default)).Should().NotBe(first);
    }

    [Test]
    public async Task Get_EndpointThatRefuses_FailsAtOnceWithoutShowingItsSecret()
    {
        settings["IDENTITY_HEADER"] = "wrong-secret";
        IdentityException refused = (await FluentActions.Awaiting(() => Identity.GetAsync(TokenResources.Storage, default).AsTask())
            .Should().ThrowAsync<IdentityException>()).Which;
        refused.IsTransient.Should().BeFalse();
        refused.ToString().Should().Contain("400 invalid_request").And.NotContain("wrong-secret");
        IdentityEndpoint.Read(settings.GetValueOrDefault).ToString().Should().NotContain("wrong-secret");
    }

    [Test]
    public async Task Get_NobodyThere_GivesUpSoonAndMayBeTriedAgain()
    {
        await emulator.DisposeAsync();
        (await FluentActions.Awaiting(() => Identity.GetAsync(TokenResources.Storage, default).AsTask()).Should().ThrowAsync<IdentityException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Test]
    public void Read_AddressThatIsNone_NamesTheSetting()
    {
        settings["IDENTITY_ENDPOINT"] = "unix:/x";
        FluentActions.Invoking(() => IdentityEndpoint.Read(settings.GetValueOrDefault)).Should().Throw<ConfigurationException>().WithMessage("IDENTITY_ENDPOINT must*");
    }
}
