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
        using X509Certificate2 certificate = TestCertificate.Write(temp.At("cert.pem"), temp.At("key.pem"));
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
        settings["AZCOPY_PATH"] = Tools.AzCopy;
        http = TestCertificate.Client(certificate);
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
        await RequireAzCopy.AtLeastAsync(new Version(10, 32, 2), "does not get a token from the managed identity of a container");
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

    private async Task MoveAsync(OperationType type)
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
            view.Verdict!.Error.Should().BeNull();
            await manifests.KeepAsync(key.Project, key, (await folders.FetchManifestAsync(key.InstanceId, default))!, proved: true, default);
        }
        finally
        {
            await host.StopAsync(key.InstanceId, default);
        }
    }

    private async Task<JobView> EndOfAsync(DirectoryJobFolders folders, OperationKey key)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(3);
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
}
