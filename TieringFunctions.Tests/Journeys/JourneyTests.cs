using System.Text;
using System.Text.Json;
using Tiering.Core.Transfers.Custody;
using Tiering.Core.Transfers.Locations;
using Tiering.Core.Transfers.Manifests;
using Tiering.Tests.Support;

namespace Tiering.Tests.Journeys;

/// <summary>What users do, from request to outcome, with the real service, agent, AzCopy and Azurite.</summary>
public sealed class JourneyTests
{
    private TempFolder folder = null!;
    private AzuriteServer azurite = null!;
    private ServiceProcess service = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        folder = new TempFolder();
        azurite = await AzuriteServer.StartAsync();
        service = await ServiceProcess.StartAsync(folder.Folder("data"), azurite);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await service.DisposeAsync();
        await azurite.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Project_CooledDeletedAndRestored_IsWhatItWas()
    {
        string project = Project("demo");
        IReadOnlyList<string> before = FolderListing.Of(project);
        await service.AddAsync("demo");

        JsonElement cooled = await service.MoveAsync("demo", "cool");
        cooled.GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        cooled.GetProperty("total").GetProperty("files").GetInt64().Should().Be(3);
        (await service.StateAsync("demo")).Should().Be("COOL");

        (await service.DeleteSourceAsync("demo")).GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        Directory.Exists(project).Should().BeFalse();

        JsonElement restored = await service.MoveAsync("demo", "restore");
        restored.GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);
        (await service.StateAsync("demo")).Should().Be("HOT");
        FolderListing.Of(project).Should().Equal(before);
    }

    [Test]
    public async Task Certificates_OfCoolAndRestore_HoldAndNameEachOther()
    {
        Project("demo");
        await service.AddAsync("demo");
        string coolId = await service.AskAsync("demo", "cool");
        await service.EndOfAsync(coolId);
        string restoreId = await service.AskAsync("demo", "restore");
        JsonElement restored = await service.EndOfAsync(restoreId);
        restored.GetProperty("status").GetString().Should().Be("SUCCEEDED", service.Output);

        CertificateKey key = CertificateKey.OfPem(File.ReadAllText(Path.Combine(service.Data, SigningKeyFile.PublicName)));
        byte[] coolFile = await service.Http.GetByteArrayAsync($"/api/operations/{coolId}/certificate");
        byte[] restoreFile = await service.Http.GetByteArrayAsync($"/api/operations/{restoreId}/certificate");
        CustodyCertificate cool = CertificateFile.Verify(coolFile, key);
        CustodyCertificate restore = CertificateFile.Verify(restoreFile, key);

        (cool.Source.Kind, cool.Destination.Kind, cool.RequestedBy, cool.Unwitnessed).Should().Be((LocationKind.Folder, LocationKind.Blob, "operator", false));
        cool.Moved.Should().Be(new CertifiedAmount(3, 1005, 5, 1));
        cool.Proof.Should().Be(new CertifiedProof("full", 3));
        cool.Witness.Should().BeNull();
        cool.AzCopyVersion.Should().MatchRegex(@"^10\.\d+\.\d+$");
        cool.AzCopyJobs.Should().ContainSingle();
        restore.Witness.Should().Be(new CertifiedWitness(cool.Manifest.Root) { Operation = Guid.Parse(coolId), Certificate = CertificateFile.HashOf(coolFile) });
        restore.AcceptedAt.Should().BeAfter(cool.FinishedAt);
        string manifest = Directory.EnumerateFiles(Path.Combine(service.Data, "manifests"), cool.Manifest.Name + "*.jsonl.gz", SearchOption.AllDirectories).Single();
        (await ManifestReader.VerifyAsync(manifest, default)).Root.Should().Be(cool.Manifest.Root);
        foreach (byte[] file in (byte[][])[coolFile, restoreFile])
            Encoding.UTF8.GetString(file).Should().NotContain(folder.Root).And.NotContain("127.0.0.1").And.NotContain("sig=");
    }

    [Test]
    public async Task Restore_BlobChangedMeanwhile_FailsAndNamesThePath()
    {
        Project("demo");
        await service.AddAsync("demo");
        await service.MoveAsync("demo", "cool");
        await service.DeleteSourceAsync("demo");
        await azurite.PutBlobAsync("cool", "demo/runs/1/data.bin", Encoding.UTF8.GetBytes(new string('x', 1000)));

        JsonElement restored = await service.MoveAsync("demo", "restore");

        restored.GetProperty("status").GetString().Should().Be("FAILED");
        restored.GetProperty("error").GetProperty("message").GetString().Should().Contain("runs/1/data.bin");
        (await service.StateAsync("demo")).Should().Be("ERROR");
    }

    [Test]
    public async Task Cool_UnknownExtraInTheCoolFolder_EndsBeforeAByteMoves()
    {
        Project("demo");
        await service.AddAsync("demo");
        await azurite.CreateContainerAsync("cool");
        await azurite.PutBlobAsync("cool", "demo/stranger.txt", [1, 2, 3]);

        JsonElement cooled = await service.MoveAsync("demo", "cool");

        cooled.GetProperty("status").GetString().Should().Be("FAILED");
        cooled.GetProperty("error").GetProperty("message").GetString().Should().Contain("stranger.txt");
        (await azurite.ListAsync("cool")).Should().Equal("demo/stranger.txt");
        (await service.StateAsync("demo")).Should().Be("ERROR", "somebody has to look, and no night is to come back to it");
    }

    [Test]
    public async Task Cool_NamesThatABlobCannotHold_AreRefusedAndListed()
    {
        string project = Project("demo");
        File.WriteAllText(Path.Combine(project, "back\\slash"), "x");
        File.WriteAllText(Path.Combine(project, "bell\u0007"), "x");
        await service.AddAsync("demo");

        JsonElement cooled = await service.MoveAsync("demo", "cool");

        cooled.GetProperty("status").GetString().Should().Be("FAILED");
        cooled.GetProperty("error").GetProperty("code").GetString().Should().Be("not-representable");
        cooled.GetProperty("error").GetProperty("details").GetProperty("first").GetString().Should().Contain("back\\slash").And.Contain("bell");
        (await service.StateAsync("demo")).Should().Be("HOT");
    }

    [Test]
    public async Task ThreeCycles_EditedInBetweenWithHotLeftInPlace_AreRightEachTime()
    {
        string project = Project("demo");
        await service.AddAsync("demo");
        for (int cycle = 1; cycle <= 3; cycle++)
        {
            IReadOnlyList<string> before = FolderListing.Of(project);
            JsonElement cooled = await service.MoveAsync("demo", "cool");
            cooled.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"cycle {cycle}: {cooled}");
            JsonElement restored = await service.MoveAsync("demo", "restore");
            restored.GetProperty("status").GetString().Should().Be("SUCCEEDED", $"cycle {cycle}: {restored}");
            FolderListing.Of(project).Should().Equal(before);

            File.Move(Path.Combine(project, cycle == 1 ? "notes.txt" : $"notes-{cycle - 1}.txt"), Path.Combine(project, $"notes-{cycle}.txt"));
            File.WriteAllText(Path.Combine(project, "runs", "1", "data.bin"), $"changed in cycle {cycle}");
            File.WriteAllText(Path.Combine(project, $"new-{cycle}.txt"), "new");
            File.Delete(Path.Combine(project, cycle == 1 ? "runs/1/empty.txt" : $"new-{cycle - 1}.txt"));
        }
        await service.MoveAsync("demo", "cool");
        (await azurite.ListAsync("cool")).Should().Equal("demo/new-3.txt", "demo/notes-3.txt", "demo/runs/1/data.bin");
    }

    private string Project(string slug)
    {
        string project = Path.Combine(service.Hot, slug);
        Directory.CreateDirectory(Path.Combine(project, "runs", "1"));
        Directory.CreateDirectory(Path.Combine(project, "empty", "deep", "down"));
        File.WriteAllText(Path.Combine(project, "notes.txt"), "notes");
        File.WriteAllText(Path.Combine(project, "runs", "1", "empty.txt"), "");
        File.WriteAllBytes(Path.Combine(project, "runs", "1", "data.bin"), [.. Enumerable.Range(0, 1000).Select(i => (byte)i)]);
        File.CreateSymbolicLink(Path.Combine(project, "link"), "notes.txt");
        File.SetLastWriteTimeUtc(Path.Combine(project, "notes.txt"), new DateTime(1999, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        File.SetUnixFileMode(Path.Combine(project, "notes.txt"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Directory.SetLastWriteTimeUtc(Path.Combine(project, "empty", "deep"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        return project;
    }
}
