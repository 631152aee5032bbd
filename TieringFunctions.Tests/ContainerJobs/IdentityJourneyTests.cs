using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tiering.Emulators.Blobs;
using Tiering.Emulators.ContainerJobs;
using Tiering.Emulators.Files;
using Tiering.Emulators.Identity;
using Tiering.Emulators.Requests;
using Tiering.Tests.Support;

namespace Tiering.Tests.ContainerJobs;

/// <summary>
/// As on Azure: HOT in a share, COOL in a container, agents as executions, https, and no storage key anywhere. Service, agent and AzCopy sign in by
/// the managed identity.
/// </summary>
public sealed class IdentityJourneyTests
{
    [Test]
    public async Task CoolDeleteRestore_WithoutAnyKey_SignInByThemselves()
    {
        using TempFolder temp = new();
        using X509Certificate2 certificate = MakeCertificate();
        string trusted = temp.File("certificate.pem", certificate.ExportCertificatePem());
        TokenIssuer tokens = new();
        using RequestLog log = new();
        string hot = temp.Folder("hot");
        await using AzuriteServer azurite = await AzuriteServer.StartAsync();
        await azurite.CreateContainerAsync("jobs");
        await using BlobFrontEmulator blobs = await BlobFrontEmulator.StartAsync(new() { Azurite = azurite.Endpoint, Tokens = tokens, Certificate = certificate, Log = log });
        await using FileShareEmulator files = await FileShareEmulator.StartAsync(new()
        {
            Root = temp.Folder("shares"), Shares = { ["hot"] = hot }, Tokens = tokens, Certificate = certificate, Log = log,
        });
        await using ContainerJobsEmulator jobs = await ContainerJobsEmulator.StartAsync(new()
        {
            Program = ["dotnet", "exec", Tools.Agent],
            Disks = temp.Folder("disks"),
            Tokens = tokens,
            Environment =
            {
                ["TIERING_JOBS"] = blobs.UriOf("jobs").ToString(),
                ["AZCOPY_PATH"] = Tools.AzCopy,
                ["AZCOPY_WORK_DIR"] = "{disk}",
                ["SSL_CERT_FILE"] = trusted,
            },
        });
        Dictionary<string, string> settings = new(jobs.IdentityEnvironment, StringComparer.Ordinal)
        {
            ["TIERING_JOB_HOST"] = "container-apps",
            ["TIERING_CONTAINER_JOB"] = ContainerJobsEmulator.Job,
            ["AZURE_RESOURCE_MANAGER_ENDPOINT"] = jobs.Endpoint.ToString(),
            ["TIERING_JOBS"] = blobs.UriOf("jobs").ToString(),
            ["DATA_BACKEND"] = "azure_fileshare",
            ["AZURE_STORAGE_FILESHARE"] = "hot",
            ["AZURE_STORAGE_ACCOUNT_KEY"] = "",
            ["AZURE_STORAGE_BLOB_ENDPOINT"] = blobs.Endpoint.ToString(),
            ["AZURE_STORAGE_FILE_ENDPOINT"] = files.Endpoint.ToString(),
            ["SSL_CERT_FILE"] = trusted,
        };
        await using ServiceProcess service = await ServiceProcess.StartAsync(temp.Folder("data"), azurite, settings);
        string project = Directory.CreateDirectory(Path.Combine(hot, "demo", "runs")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "notes ä.txt"), "notes");
        await File.WriteAllBytesAsync(Path.Combine(project, "runs", "big.bin"), RandomNumberGenerator.GetBytes(20 << 20));
        string[] before = Contents(project);
        await service.AddAsync("demo");

        await SucceedAsync(await service.MoveAsync("demo", "cool"));
        await SucceedAsync(await service.DeleteSourceAsync("demo"));
        Directory.Exists(project).Should().BeFalse();
        await SucceedAsync(await service.MoveAsync("demo", "restore"));

        Contents(project).Should().Equal(before);
        log.Ended.Should().Contain(request => request.Agent.Contains("AzCopy", StringComparison.Ordinal));
        log.Ended.Should().NotContain(request => request.Query.Contains("sig=", StringComparison.Ordinal), "there is no key to sign with");
        jobs.Executions.Should().HaveCount(2).And.OnlyContain(execution => !execution.Template.Contains("eyJ"));

        async Task SucceedAsync(JsonElement ended)
        {
            IEnumerable<string> logs = await Task.WhenAll(Directory.EnumerateFiles(temp.At("disks"), "*.log").Select(path => File.ReadAllTextAsync(path)));
            ended.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"{ended}\n{service.Output}\n{string.Join('\n', logs)}");
        }
    }

    private static string[] Contents(string project) =>
    [
        .. Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(project, path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"),
    ];

    private static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
