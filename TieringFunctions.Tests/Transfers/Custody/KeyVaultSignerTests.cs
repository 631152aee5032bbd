using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tiering.Core;
using Tiering.Core.Identity;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Inventories;
using Tiering.Emulators.Vault;
using Tiering.Functions;
using Tiering.Tests.Identity;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Custody;

/// <summary>Certificates that are signed by a vault which stumbles, refuses and lies.</summary>
public sealed class KeyVaultSignerTests
{
    private KeyVaultEmulator vault = null!;
    private HttpClient http = null!;
    private FixedToken identity = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        vault = await KeyVaultEmulator.StartAsync();
        vault.IsLetIn = token => token == "good";
        http = ProjectStores.CreateClient();
        identity = new FixedToken("good");
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        http.Dispose();
        await vault.DisposeAsync();
    }

    [Test]
    public async Task Sign_ByTheVault_VerifiesWithItsPublicKeyAlone()
    {
        KeyVaultSigner signer = await OpenAsync();
        signer.Key.Should().Be(CertificateKey.Of(vault.PublicKey));

        for (int i = 0; i < 40; i++) // r and s of every length
        {
            byte[] file = await CertificateFile.SignAsync(CertificateFileTests.Example(signer.Key) with { Removed = i }, signer, default);
            CertificateFile.Verify(file, CertificateKey.Of(vault.PublicKey)).Removed.Should().Be(i);
        }
        vault.Signed.Should().Be(40);
        identity.Resources.Should().OnlyContain(resource => resource == "https://vault.azure.net");
    }

    [TestCase(401)]
    [TestCase(408)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(503)]
    [TestCase(0)]
    public async Task Sign_VaultThatStumbles_IsAskedAgain(int status)
    {
        KeyVaultSigner signer = await OpenAsync();
        vault.Troubles.Add(status);
        CertificateFile.Verify(await CertificateFile.SignAsync(CertificateFileTests.Example(signer.Key), signer, default), signer.Key);
        vault.Troubles.Left.Should().Be(0);
    }

    [Test]
    public async Task Sign_TokenThatWasTakenBack_IsReplacedOnce()
    {
        identity = new FixedToken("old", "good");
        KeyVaultSigner signer = await OpenAsync();
        signer.Key.Should().Be(CertificateKey.Of(vault.PublicKey));

        identity = new FixedToken("old");
        KeyVaultException refused = (await FluentActions.Awaiting(OpenAsync).Should().ThrowAsync<KeyVaultException>()).Which;
        refused.IsTransient.Should().BeFalse();
        refused.Message.Should().Contain("401").And.NotContain("old");
        identity.Resources.Should().HaveCount(2);
    }

    [Test]
    public async Task Sign_VaultThatStaysAway_MayBeTriedAgain()
    {
        KeyVaultSigner signer = await OpenAsync();
        for (int i = 0; i < 6; i++)
            vault.Troubles.Add(503);
        (await FluentActions.Awaiting(() => signer.SignAsync(new byte[1], default)).Should().ThrowAsync<KeyVaultException>()).Which.IsTransient.Should().BeTrue();
        (await signer.SignAsync(new byte[1], default)).Should().NotBeEmpty();
    }

    [Test]
    public async Task Sign_SignatureOfAnotherKey_IsNotBelieved()
    {
        KeyVaultSigner signer = await OpenAsync();
        vault.Lies = true;
        await FluentActions.Awaiting(() => signer.SignAsync(new byte[1], default)).Should().ThrowAsync<KeyVaultException>().WithMessage("*not its key's*");
    }

    [Test]
    public async Task Open_KeyThatCannotSignCertificates_IsRefused()
    {
        vault.KeyType = "RSA";
        await RefusedAsync("EC or EC-HSM");
        (vault.KeyType, vault.Curve) = ("EC", "P-384");
        await RefusedAsync("P-256");
        (vault.Curve, vault.Operations) = ("P-256", ["verify"]);
        await RefusedAsync("may not sign");
    }

    [TestCase("https://v.vault.azure.net/keys/tiering")]
    [TestCase("https://v.vault.azure.net/secrets/tiering/1")]
    [TestCase("https://v.vault.azure.net/keys/tiering/1?x=1")]
    [TestCase("https://user:pass@v.vault.azure.net/keys/tiering/1")]
    [TestCase("https://")]
    public void Parse_NoVersionOfAKey_IsRefusedWithTheForm(string setting)
    {
        KeyVaultSigner.IsNamedBy(setting).Should().BeTrue();
        FluentActions.Invoking(() => KeyVaultSigner.Parse(setting)).Should().Throw<ConfigurationException>().WithMessage("TIERING_SIGNING_KEY must name one version*");
    }

    [Test]
    public void IsNamedBy_KeyOrPath_IsNot()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyVaultSigner.IsNamedBy(key.ExportECPrivateKeyPem()).Should().BeFalse();
        KeyVaultSigner.IsNamedBy("/etc/tiering/key.pem").Should().BeFalse();
        KeyVaultSigner.Parse("https://v.vault.azure.net/keys/tiering/0123").AbsoluteUri.Should().Be("https://v.vault.azure.net/keys/tiering/0123");
    }

    [Test]
    public async Task AddSigningKey_AddressOfAKey_OpensTheVaultAtTheStartAndShowsThePublicHalf()
    {
        using TempFolder temp = new();
        ConfigurationManager configuration = new() { ["TIERING_SIGNING_KEY"] = $"https://name.vault.azure.net{vault.KeyId.AbsolutePath}" };
        ServiceCollection services = new();
        services.AddSingleton(new HttpClient(new ToTheEmulator(vault.KeyId))).AddSingleton<ITokenSource>(identity);
        services.AddSigningKey(configuration, temp.Root);
        await using ServiceProvider provider = services.BuildServiceProvider();

        foreach (IHostedService start in provider.GetServices<IHostedService>())
            await start.StartAsync(default);

        CertificateKey.OfPem(await File.ReadAllTextAsync(temp.At(SigningKeyFile.PublicName))).Should().Be(CertificateKey.Of(vault.PublicKey));
        File.Exists(temp.At(SigningKeyFile.PrivateName)).Should().BeFalse();
        ICertificateSigner signer = provider.GetRequiredService<ICertificateSigner>();
        CertificateFile.Verify(await CertificateFile.SignAsync(CertificateFileTests.Example(signer.Key), signer, default), CertificateKey.Of(vault.PublicKey));
        identity.Resources.Should().OnlyContain(resource => resource == "https://vault.azure.net");
    }

    [Test]
    public async Task AddSigningKey_KeyThatCannotBeUsed_KeepsTheServiceFromStarting()
    {
        using TempFolder temp = new();
        vault.KeyType = "RSA";
        ConfigurationManager configuration = new() { ["TIERING_SIGNING_KEY"] = $"https://name.vault.azure.net{vault.KeyId.AbsolutePath}" };
        ServiceCollection services = new();
        services.AddSingleton(new HttpClient(new ToTheEmulator(vault.KeyId))).AddSingleton<ITokenSource>(identity);
        services.AddSigningKey(configuration, temp.Root);
        await using ServiceProvider provider = services.BuildServiceProvider();
        FluentActions.Invoking(() => provider.GetServices<IHostedService>().ToList()).Should().Throw<ConfigurationException>();
        Directory.EnumerateFiles(temp.Root).Should().BeEmpty();
    }

    /// <summary>Takes the vault's public address to the emulator.</summary>
    private sealed class ToTheEmulator(Uri emulator) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Scheme = "http", Host = emulator.Host, Port = emulator.Port }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private Task<KeyVaultSigner> OpenAsync() => KeyVaultSigner.OpenAsync(http, identity, vault.KeyId, default, TimeSpan.FromMilliseconds(1));

    private async Task RefusedAsync(string why) =>
        await FluentActions.Awaiting(OpenAsync).Should().ThrowAsync<ConfigurationException>().WithMessage($"TIERING_SIGNING_KEY*{why}*");
}
