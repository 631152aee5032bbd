using Microsoft.AspNetCore.Http;
using Tiering.Cli;
using Tiering.Core.Lifecycle;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;
using Tiering.Tests.Transfers.Custody;

namespace Tiering.Tests.Cli;

/// <summary><c>tiering certificate</c>, without a service except where it fetches.</summary>
public sealed class CertificateCommandsTests
{
    private readonly CommandLine command = new(new Uri("http://127.0.0.1:1/"));
    private TempFolder folder = null!;
    private SigningKeyFile signer = null!;

    [SetUp]
    public void SetUp()
    {
        folder = new TempFolder();
        signer = SigningKeyFile.Open(folder.Folder("state"), given: null);
    }

    [TearDown]
    public void TearDown()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task ShowAndVerify_Unaltered_SayWhatItSaysAndWhoseKeyItIs()
    {
        string file = await WriteAsync(CertificateFileTests.Example(signer.Key));

        (await command.RunAsync("certificate", "show", file)).Should().Be(ExitCode.Ok);
        command.Output.Should().Contain("été 1").And.Contain("RESTORE").And.Contain("sample:5%").And.Contain("10.32.2").And.Contain("PROVED").And.Contain(new string('d', 64));
        (await command.RunAsync("certificate", "verify", file, "--key", folder.At("state", SigningKeyFile.PublicName))).Should().Be(ExitCode.Ok);
        command.Output.Should().Contain($"Signed by the key {signer.Key.Fingerprint}.");
    }

    [Test]
    public async Task ShowAndVerify_OneBitAltered_AreRefused()
    {
        string file = await WriteAsync(CertificateFileTests.Example(signer.Key));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        (await command.RunAsync("certificate", "show", file)).Should().Be(ExitCode.Failed);
        (await command.RunAsync("certificate", "verify", file)).Should().Be(ExitCode.Failed);

        command.Error.Should().Contain("The certificate is refused: ");
        command.Output.Should().BeEmpty();
    }

    [Test]
    public async Task Verify_AnotherKey_IsRefused()
    {
        using SigningKeyFile other = SigningKeyFile.Open(folder.Folder("other"), given: null);
        string file = await WriteAsync(CertificateFileTests.Example(signer.Key));

        (await command.RunAsync("certificate", "verify", file, "--key", folder.At("other", SigningKeyFile.PublicName))).Should().Be(ExitCode.Failed);

        command.Error.Should().Contain(other.Key.Fingerprint);
    }

    [Test]
    public async Task Verify_Manifest_IsComputedAgain()
    {
        ManifestTrailer manifest = await ManifestAsync("manifest.jsonl.gz", "a.txt");
        await ManifestAsync("another.jsonl.gz", "b.txt");
        CustodyCertificate certificate = CertificateFileTests.Example(signer.Key);
        string file = await WriteAsync(certificate with { Manifest = certificate.Manifest with { Root = manifest.Root } });

        (await command.RunAsync("certificate", "verify", file, "--manifest", folder.At("manifest.jsonl.gz"))).Should().Be(ExitCode.Ok);
        command.Output.Should().Contain($"root {manifest.Root}");
        (await command.RunAsync("certificate", "verify", file, "--manifest", folder.At("another.jsonl.gz"))).Should().Be(ExitCode.Failed);
        (await command.RunAsync("certificate", "verify", file, "--manifest", file)).Should().Be(ExitCode.Failed);
        (await command.RunAsync("certificate", "verify", file, "--manifest", folder.At("none"))).Should().Be(ExitCode.Usage);
        command.Error.Should().Contain("The manifest is another one").And.Contain("The manifest is damaged");
    }

    [Test]
    public async Task Verify_NoSuchFileOrKey_IsAMistakeInTheCommandLine()
    {
        string file = await WriteAsync(CertificateFileTests.Example(signer.Key));

        (await command.RunAsync("certificate", "verify", folder.At("none"))).Should().Be(ExitCode.Usage);
        (await command.RunAsync("certificate", "verify", file, "--key", folder.At("none"))).Should().Be(ExitCode.Usage);
        (await command.RunAsync("certificate", "verify", file, "--key", file)).Should().Be(ExitCode.Usage);
    }

    [Test]
    public async Task Get_FromTheService_IsByteForByteWhatItSent()
    {
        byte[] sent = await CertificateFile.SignAsync(CertificateFileTests.Example(signer.Key), signer, default);
        await using FakeService service = new(folder.At("hot"), folder.At("cool")) { Interfere = request => request.Path.Value!.EndsWith("/certificate", StringComparison.Ordinal) ? Results.Bytes(sent, "application/json") : null };
        await service.StartAsync();
        CommandLine online = new(service.Address);

        (await online.RunAsync("certificate", "get", Guid.Empty.ToString(), "--output", folder.At("got.json"))).Should().Be(ExitCode.Ok);
        (await online.RunAsync("certificate", "get", Guid.Empty.ToString())).Should().Be(ExitCode.Ok);

        (await File.ReadAllBytesAsync(folder.At("got.json"))).Should().Equal(sent);
        online.Output.Should().Be(System.Text.Encoding.UTF8.GetString(sent));
    }

    private async Task<string> WriteAsync(CustodyCertificate certificate)
    {
        string file = folder.At("certificate.json");
        await File.WriteAllBytesAsync(file, await CertificateFile.SignAsync(certificate, signer, default));
        return file;
    }

    private async Task<ManifestTrailer> ManifestAsync(string name, string path)
    {
        await using ManifestWriter writer = ManifestWriter.Create(
            folder.At(name), new ManifestHeader(ProjectSlug.Parse("demo"), Operation: null, LocationKind.Blob, DateTimeOffset.UnixEpoch));
        await writer.WriteAsync(Transfers.Inventories.Entries.FileAt(path, 3), default);
        return await writer.CompleteAsync(default);
    }
}
