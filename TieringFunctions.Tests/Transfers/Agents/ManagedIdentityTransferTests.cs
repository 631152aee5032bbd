using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tiering.Core.Identity;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Inventories;
using Tiering.Core.Transfers.Jobs;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Emulators.Identity;
using Tiering.Tests.Support;

namespace Tiering.Tests.Transfers.Agents;

/// <summary>Transfers without an account key: the real agent and the real AzCopy sign in as a managed identity, to an Azurite that takes tokens.</summary>
public sealed class ManagedIdentityTransferTests
{
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private TempFolder temp = null!;
    private AzuriteServer azurite = null!;
    private IdentityEmulator identities = null!;
    private HttpClient http = null!;
    private HttpClient platform = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        temp = new TempFolder();
        X509Certificate2 certificate = WriteCertificate();
        azurite = await AzuriteServer.StartForTokensAsync(temp.At("cert.pem"), temp.At("key.pem"));
        identities = await IdentityEmulator.StartAsync();
        settings.Clear();
        settings["DATA_BACKEND"] = "folder";
        settings["DATA_FOLDER"] = temp.Folder("hot");
        settings["DATA_BACKEND_COOL"] = "azure_blob";
        settings["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account;
        settings["AZURE_STORAGE_DATA_CONTAINER_COOL"] = "cool";
        settings["AZURE_STORAGE_BLOB_ENDPOINT"] = azurite.Endpoint.ToString().Replace("http:", "https:", StringComparison.Ordinal);
        settings["IDENTITY_ENDPOINT"] = identities.Endpoint.ToString();
        settings["IDENTITY_HEADER"] = identities.Secret;
        settings["SSL_CERT_FILE"] = temp.At("cert.pem");
        settings["AZCOPY_PATH"] = Tools.NewestAzCopy; // others do not get a token there
        http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs is not null && theirs.GetCertHashString() == certificate.GetCertHashString(),
            },
        });
        platform = ManagedIdentity.CreateClient();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        platform.Dispose();
        http.Dispose();
        await identities.DisposeAsync();
        await azurite.DisposeAsync();
        temp.Dispose();
    }

    [Test]
    public async Task CoolAndRestore_WithoutAKey_SignInAsTheManagedIdentity()
    {
        for (int i = 0; i < 5; i++)
            temp.File($"hot/demo/run {i}/ä{i}.txt", $"content {i}");
        IReadOnlyList<string> before = FolderListing.Of(temp.At("hot", "demo"));

        await MoveAsync(OperationType.Cool);
        Directory.Delete(temp.At("hot", "demo"), recursive: true);
        await MoveAsync(OperationType.Restore);

        FolderListing.Of(temp.At("hot", "demo")).Should().Equal(before);
        identities.Asked.Should().OnlyContain(request => request.Resource.StartsWith(TokenResources.Storage, StringComparison.Ordinal));
        identities.Asked.Count.Should().BeGreaterThanOrEqualTo(5, "this test, two agents and two AzCopies signed in");
        foreach (string file in Directory.EnumerateFiles(temp.At("jobs"), "*", SearchOption.AllDirectories))
        {
            string text = await File.ReadAllTextAsync(file);
            text.Should().NotContain(identities.Secret, file);
            identities.Asked.Should().OnlyContain(request => !text.Contains(request.Token, StringComparison.Ordinal), file);
        }
    }

    [Test]
    public async Task Cool_WithAnAzCopyThatCannotSignInThere_IsRefusedBeforeAnythingIsTouched()
    {
        settings["AZCOPY_PATH"] = Tools.AzCopyOf("10.18.1") ?? throw new IgnoreException("AzCopy 10.18.1 is not there; tools/setup.sh --versions brings it.");
        temp.File("hot/demo/a.txt", "a");

        TransferVerdict verdict = await RunAsync(OperationType.Cool);

        verdict.Error!.Code.Should().Be("azcopy-too-old");
        verdict.Error.Message.Should().Contain("10.18.1").And.Contain("managed identity");
        verdict.TouchedDestination.Should().BeFalse();
    }

    private async Task MoveAsync(OperationType type) => (await RunAsync(type)).Error.Should().BeNull();

    private async Task<TransferVerdict> RunAsync(OperationType type)
    {
        StorageSettings storage = new(settings.GetValueOrDefault);
        ManagedIdentity identity = new(platform, IdentityEndpoint.Read(settings.GetValueOrDefault), TimeProvider.System);
        AccessIssuer issuer = new(storage, http, identity, TimeProvider.System);
        FileManifestStore manifests = new(temp.Folder("manifests"));
        DirectoryJobFolders folders = new(temp.Folder("jobs"), manifests);
        LocalJobHost host = new(folders, Tools.Agent, settings);
        OperationKey key = new(ProjectSlug.Parse("demo"), type, Guid.NewGuid());
        ProjectLocations locations = new(storage);
        (Location source, Location destination) = (locations.For(key.Project, key.SourceRole), locations.For(key.Project, key.DestinationRole));
        await issuer.EnsureContainerAsync(destination, default);
        KeptManifest? witness = type == OperationType.Restore ? await manifests.LatestAsync(key.Project, OperationType.Cool, default) : null;
        TransferAccess access = await issuer.ForTransferAsync(source, destination, default);
        access.Should().Be(new TransferAccess(LocationAccess.None, LocationAccess.None));
        TransferJob job = new(key, source, destination) { Witnessed = witness is not null };
        await folders.PrepareAsync(key.InstanceId, new JobInputs(job, access, witness, Known: []), default);
        try
        {
            await host.StartAsync(key.InstanceId, attempt: 1, default);
            JobView view = await EndOfAsync(folders, key);
            if (view.Verdict!.Error is null)
                await manifests.KeepAsync(key.Project, key, (await folders.FetchManifestAsync(key.InstanceId, default))!, proved: true, default);
            return view.Verdict;
        }
        finally
        {
            await host.StopAsync(key.InstanceId, default);
        }
    }

    private async Task<JobView> EndOfAsync(DirectoryJobFolders folders, OperationKey key)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow + Eventually.Limit;
        while (true)
        {
            JobView view = await folders.ReadAsync(key.InstanceId, default);
            if (view is { Verdict: not null, LeaseHeld: false })
                return view;
            if (DateTimeOffset.UtcNow > limit)
                throw new TimeoutException(await File.ReadAllTextAsync(Path.Combine(temp.At("jobs"), key.InstanceId, "agent.log")));
            await Task.Delay(20);
        }
    }

    private X509Certificate2 WriteCertificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(temp.At("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(temp.At("key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
